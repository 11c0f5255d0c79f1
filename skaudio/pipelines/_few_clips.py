"""How nets are trained here, whatever they are."""

FEW_CLIPS = dict(
    optimizer="adamw",
    weight_decay=0.05,
    lr_schedule="one_cycle",
    # Of few clips all are needed to train.
    early_stopping=False,
    class_weight="balanced",
    label_smoothing=0.1,
)
