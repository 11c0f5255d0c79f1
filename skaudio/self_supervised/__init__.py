"""Encoders that are fitted without labels."""

from skaudio.self_supervised._base import SelfSupervisedEncoder
from skaudio.self_supervised._byola import BYOLAEncoder
from skaudio.self_supervised._cola import COLAEncoder
from skaudio.self_supervised._recordings import fit_on_recordings
from skaudio.self_supervised._simclr import SimCLREncoder

__all__ = [
    "BYOLAEncoder",
    "COLAEncoder",
    "SelfSupervisedEncoder",
    "SimCLREncoder",
    "fit_on_recordings",
]
