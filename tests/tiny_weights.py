"""Files of random weights for small networks built like the published ones."""

import torch

from skaudio._nets.cnn14 import RATES_AND_HOPS


def write_cnn14(path, n_fft=512, n_features=12, seed=0):
    """Write a Cnn14 with few channels, as a training script would save it."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return 0.3 * torch.randn(shape, generator=generator)

    n_bins, n_mels = n_fft // 2 + 1, 32
    bins = 2 * torch.pi * torch.arange(n_bins)[:, None] * torch.arange(n_fft) / n_fft
    window = torch.hann_window(n_fft)
    state = {
        "spectrogram_extractor.stft.conv_real.weight": (bins.cos() * window)[:, None],
        "spectrogram_extractor.stft.conv_imag.weight": (bins.sin() * window)[:, None],
        "logmel_extractor.melW": normal(n_bins, n_mels).abs(),
        **_batch_norm("bn0", n_mels, normal),
    }
    widths = [1, 4, 4, 6, 6, 8, 8]
    for number in range(1, 7):
        n_in, n_out = widths[number - 1], widths[number]
        block = f"conv_block{number}"
        state[f"{block}.conv1.weight"] = normal(n_out, n_in, 3, 3)
        state[f"{block}.conv2.weight"] = normal(n_out, n_out, 3, 3)
        state |= _batch_norm(f"{block}.bn1", n_out, normal)
        state |= _batch_norm(f"{block}.bn2", n_out, normal)
    for name, shape in (("fc1", (n_features, 8)), ("fc_audioset", (5, n_features))):
        state[f"{name}.weight"], state[f"{name}.bias"] = (
            normal(*shape),
            normal(shape[0]),
        )
    assert n_fft in RATES_AND_HOPS
    torch.save({"iteration": 1, "model": state}, path)
    return path


def write_mobilenet(path, n_hidden=6, seed=0):
    """Write an EfficientAT with few channels: 54 in blocks, 10 in the embedding."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=generator)

    def conv(name, *shape):
        fan_in = torch.Size(shape[1:]).numel()
        state[f"{name}.0.weight"] = (3 / fan_in) ** 0.5 * normal(*shape)
        state.update(_batch_norm(f"{name}.1", shape[0], lambda n: 0.3 * normal(n)))

    def dense(name, n_out, n_in):
        state[f"{name}.weight"] = n_in**-0.5 * normal(n_out, n_in)
        state[f"{name}.bias"] = normal(n_out)

    state = {}
    conv("features.0", 2, 1, 3, 3)
    widths = [2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]
    for number in range(1, 16):
        n_in, n_out = widths[number - 1 : number + 1]
        n_inside = n_in if number == 1 else 2 * n_in
        layers = iter(f"features.{number}.block.{place}" for place in range(4))
        if number > 1:
            conv(next(layers), n_inside, n_in, 1, 1)
        conv(next(layers), n_inside, 1, *(2 * [3 if number % 2 else 5]))
        if number in (4, 5, 6, 11, 12, 13, 14, 15):
            gate = f"{next(layers)}.conc_se_layers.0"
            dense(f"{gate}.fc1", 2, n_inside)
            state[f"{gate}.fc1.bias"] = 2 * torch.ones(2)  # no dead ReLU
            dense(f"{gate}.fc2", n_inside, 2)
        conv(next(layers), n_out, n_inside, 1, 1)
    conv("features.16", 10, 5, 1, 1)
    dense("classifier.2", n_hidden, 10)
    dense("classifier.5", 7, n_hidden)
    torch.save(state, path)
    return path


def _batch_norm(name, n_channels, normal):
    return {
        f"{name}.weight": 1 + normal(n_channels),
        f"{name}.bias": normal(n_channels),
        f"{name}.running_mean": normal(n_channels),
        f"{name}.running_var": 1 + normal(n_channels).abs(),
        f"{name}.num_batches_tracked": torch.tensor(1),
    }


def write_ast(folder):
    """Write an AST with its classifier, as in the published folder."""
    from transformers import ASTConfig, ASTFeatureExtractor, ASTForAudioClassification

    config = ASTConfig(
        max_length=128,
        num_mel_bins=32,
        num_hidden_layers=1,
        **dict(hidden_size=16, num_attention_heads=2, intermediate_size=16),
    )
    extractor = ASTFeatureExtractor(max_length=128, num_mel_bins=32)
    return _save(folder, ASTForAudioClassification(config), extractor)


def write_clap(folder, fusion=False):
    """Write CLAP's audio tower, for 2 s at 16 kHz."""
    from transformers import (
        ClapAudioConfig,
        ClapAudioModelWithProjection,
        ClapFeatureExtractor,
    )

    config = ClapAudioConfig(
        **dict(spec_size=64, num_mel_bins=16, window_size=4, patch_stride=[4, 4]),
        **dict(depths=[1, 1], num_attention_heads=[1, 2], num_hidden_layers=2),
        **dict(patch_embeds_hidden_size=8, hidden_size=16, projection_dim=12),
        enable_fusion=fusion,
    )
    extractor = ClapFeatureExtractor(
        **dict(feature_size=16, sampling_rate=16000, max_length_s=2, hop_length=320),
        **dict(fft_window_size=512, frequency_max=8000),
        truncation="fusion" if fusion else "rand_trunc",
    )
    return _save(folder, ClapAudioModelWithProjection(config), extractor)


def write_wav2vec2(folder):
    """Write a wav2vec 2.0 with the head of a speech recogniser."""
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC

    config = Wav2Vec2Config(
        **dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2),
        **dict(intermediate_size=16, conv_dim=[8] * 7),
        **dict(num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2),
    )
    return _save(folder, Wav2Vec2ForCTC(config), Wav2Vec2FeatureExtractor())


def _save(folder, model, extractor):
    """Save with weights large enough that the input matters (0.02 is usual)."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))
    model.save_pretrained(folder)
    extractor.save_pretrained(folder)
    return folder


def write_onnx(
    path,
    shape=("n_windows", "n_samples"),
    outputs=("embedding",),
    kind="FLOAT",
    inputs=(),
    nodes=(),
    seed=0,
    **options,
):
    """Write a convolution and its mean over time, from a waveform to 6 features.

    There are tensors "embedding", "label" (4 of its sums), "frames" (time before
    features) and "bands" (features before time); `nodes` makes others.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    generator = torch.Generator().manual_seed(seed)
    tensors = {
        "kernel": torch.randn(6, 1, 160, generator=generator),
        "classes": torch.randn(6, 4, generator=torch.Generator().manual_seed(0)),
        "one_channel": torch.tensor([1 if len(shape) < 2 else 0, 1, -1]),
        "windows_axis": torch.tensor([0]),
        "time_axis": torch.tensor([2]),
        "unread": torch.ones(3),  # onnxruntime would warn of it
    }
    made = [
        helper.make_node("Cast", ["wave"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["float", "one_channel"], ["waves"]),
        helper.make_node("Conv", ["waves", "kernel"], ["conv"], strides=[80]),
        helper.make_node("Relu", ["conv"], ["bands"]),
        helper.make_node("Transpose", ["bands"], ["frames"], perm=[0, 2, 1]),
        helper.make_node(
            "ReduceMean", ["bands", "time_axis"], ["embedding"], keepdims=0
        ),
        helper.make_node("MatMul", ["embedding", "classes"], ["label"]),
        *(helper.make_node(kind, takes, [name]) for kind, takes, name in nodes),
    ]
    kinds = {"wave": TensorProto.DataType.Value(kind)}
    graph = helper.make_graph(
        made,
        "tiny",
        [
            helper.make_tensor_value_info(name, kinds.get(name, 1), own)
            for name, own in (("wave", shape), *inputs)
        ],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [
            numpy_helper.from_array(tensor.numpy(), name)
            for name, tensor in tensors.items()
        ],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8
    )
    onnx.save(model, path, **options)
    return path
