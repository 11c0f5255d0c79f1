"""
Classify with a few clips per class
===================================

One clip of each animal is enough to begin with, if the features are good. Here are
prototypes, what they score with one to twenty clips per class, an animal that is added
later, and recordings of another microphone.
"""

# %%
# Calls of six animals
# --------------------
#
# `MFCCStatistics` needs no weights; with real calls a pretrained network takes its
# place, such as `YAMNetEmbedder`.

import numpy as np

from skaudio import MFCCStatistics
from skaudio.datasets import make_animal_sounds

calls = make_animal_sounds(40, n_classes=6, random_state=0)
X = MFCCStatistics().transform(calls.data)
print(X.shape, calls.target_names)

# %%
# What one more clip is worth
# ---------------------------
#
# Each number of clips is drawn ten times. The clips that are scored share no recording
# with those that were learned from.

from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skaudio import PrototypicalClassifier
from skaudio.displays import FewShotCurveDisplay

models = {
    "prototypes": PrototypicalClassifier(),
    "support vector machine": make_pipeline(StandardScaler(), SVC(C=10)),
}
display = FewShotCurveDisplay.from_estimator(models, X, calls.target, calls.groups)

# %%
# With few clips prototypes are ahead. With many, a classifier that learns its own
# boundaries still improves where they do not: look at the curve of your own clips
# before you choose.

table = display.tables["prototypes"]
print(table[["n_shots", "accuracy", "accuracy_low", "accuracy_high"]].round(2))

# %%
# An animal that comes later
# --------------------------
#
# The model is fitted without the rooster. Three clips of three recordings add it;
# nothing is trained again, and the prototypes of the others stay. What is scored is of
# other recordings.

train = calls.groups % 4 != 3
new = calls.target == "rooster"
model = PrototypicalClassifier().fit(X[train & ~new], calls.target[train & ~new])
print(model.classes_)

rows = np.flatnonzero(train & new)
_, first = np.unique(calls.groups[rows], return_index=True)
shots = rows[first[:3]]
model.partial_fit(X[shots], calls.target[shots])
print(model.classes_)

found = model.predict(X[~train])
for name in calls.target_names:
    own = calls.target[~train] == name
    print(f"{name:10} {np.mean(found[own] == name):.2f}")

# %%
# Another microphone
# ------------------
#
# It records nothing above 2 kHz. The model was fitted on clips of all frequencies;
# about ninety unlabelled clips of the new microphone are enough to align the two.

from scipy.signal import butter, sosfilt

from skaudio import CORALAligner

low_pass = butter(6, 2000, fs=16000, output="sos")
filtered = [sosfilt(low_pass, clip).astype(np.float32) for clip in calls.data]
X_new = MFCCStatistics().transform(filtered)

pipe = make_pipeline(StandardScaler(), CORALAligner(), PrototypicalClassifier())
pipe.fit(X[train], calls.target[train])
print(f"as it is {pipe.score(X_new[~train], calls.target[~train]):.2f}")

unlabelled = X_new[train][::2]
pipe[1].adapt(pipe[:1].transform(unlabelled))
print(f"adapted  {pipe.score(X_new[~train], calls.target[~train]):.2f}")
