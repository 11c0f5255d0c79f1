"""The level below which a clip counts as silent."""

# Peak less the mean, of full scale: -80 dB.
SILENCE_PEAK = 1e-4
