"""Draw the picture of the landing page: `python docs/figures/report_page.py`.

A report of three models on synthetic calls, photographed in headless Chromium (selenium
finds it). EfficientAT's weights are needed.
"""

import tempfile
from pathlib import Path

from selenium import webdriver

from skaudio.datasets import load_audio_folder, make_animal_sounds
from skaudio.model_selection import cross_validated_report
from skaudio.pipelines import named_pipelines
from skaudio.reports import write_html

STATIC = Path(__file__).parents[1] / "_static"


def write_page(path):
    """Cross-validate three models on synthetic calls and write their page."""
    folder = path.parent / "clips"
    make_animal_sounds(16, n_classes=6, output_dir=folder, random_state=0)
    clips = load_audio_folder(folder / "Training")
    models = named_pipelines(
        ["cnn1d", "logistic", "prototypes"], ["efficientat"], random_state=0
    )
    write_html(
        [
            cross_validated_report(
                *(model, clips.data, clips.target, clips.groups),
                name=name,
                random_state=0,
            )
            for name, model in models.items()
        ],
        path,
        title="Synthetic calls of six animals",
    )


def photograph(page, scheme, path):
    """Save the first screen of a page, light or dark."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(argument)
    with webdriver.Chrome(options=options) as browser:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 860, "height": 580, "deviceScaleFactor": 1, "mobile": False},
        )
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        browser.get(page.as_uri())
        browser.save_screenshot(str(path))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        page = Path(place, "report.html")
        write_page(page)
        for scheme in ("light", "dark"):
            photograph(page, scheme, STATIC / f"report_page_{scheme}.png")
