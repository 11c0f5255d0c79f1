"""The order of the gallery, from the first model on; other scripts follow."""

from pathlib import Path

ORDER = [
    "plot_first_classifier.py",
    "plot_reports.py",
    "plot_learning_and_reliability.py",
    "plot_leaks.py",
    "plot_augmenters.py",
    "plot_noise_robustness.py",
    "plot_detection.py",
    "plot_imbalance.py",
    "plot_few_shot.py",
    "plot_self_supervision.py",
    "plot_ablation.py",
]


class GalleryOrder:
    """Sort key for sphinx-gallery."""

    def __init__(self, src_dir):
        self.src_dir = src_dir

    def __call__(self, filename):
        """Return the place of a script."""
        name = Path(filename).name
        return (ORDER.index(name) if name in ORDER else len(ORDER), name)

    def __repr__(self):
        """Stay equal from build to build, or Sphinx would build everything anew."""
        return "GalleryOrder"
