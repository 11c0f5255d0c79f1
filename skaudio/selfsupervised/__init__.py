"""Encoders that learn from recordings without labels."""

from skaudio.selfsupervised._base import SelfSupervisedEncoder
from skaudio.selfsupervised._byola import BYOLAEncoder
from skaudio.selfsupervised._cola import COLAEncoder
from skaudio.selfsupervised._recordings import fit_on_recordings
from skaudio.selfsupervised._simclr import SimCLREncoder

__all__ = [
    "BYOLAEncoder",
    "COLAEncoder",
    "SelfSupervisedEncoder",
    "SimCLREncoder",
    "fit_on_recordings",
]
