"""The PyTorch twin of the lab's language model (src/model/transformer.ts).

A decoder-only transformer with RMSNorm (Zhang & Sennrich 2019), rotary
positions (Su et al. 2021, in the half-split layout of the Hub's Llama
checkpoints), SwiGLU (Shazeer 2020) and tied embeddings. Parameter names and
shapes are those of a Hub Llama checkpoint. Nothing here is needed to use or
test the lab; it trains the shipped weights and makes the parity fixtures.
"""

import json
import math
import struct
from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    max_position_embeddings: int = 256
    rms_norm_eps: float = 1e-5
    rope_theta: float = 10000.0
    initializer_range: float = 0.02
    pad_token_id: int = 0
    bos_token_id: int = 1
    eos_token_id: int = 1

    def hub(self) -> dict:
        """The `config.json` that `transformers` reads."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_act": "silu",
            "num_key_value_heads": self.num_attention_heads,
            "tie_word_embeddings": True,
            "attention_bias": False,
            "mlp_bias": False,
            "torch_dtype": "float16",
            **asdict(self),
        }


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        x = x.float()
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps))


def rotary(positions, head_size, theta):
    """cos and sin of shape [..., head_size / 2] for integer positions."""
    frequency = theta ** (-torch.arange(0, head_size, 2).float() / head_size)
    angle = positions[..., None].float() * frequency
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Attention(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.heads = c.num_attention_heads
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, nn.Linear(c.hidden_size, c.hidden_size, bias=False))

    def forward(self, x, cos, sin, bias):
        B, T, D = x.shape
        split = lambda y: y.view(B, T, self.heads, D // self.heads).transpose(1, 2)
        size = D // self.heads
        q = rotate(split(self.q_proj(x)).float(), cos, sin).reshape(B * self.heads, T, size)
        k = rotate(split(self.k_proj(x)).float(), cos, sin).reshape(B * self.heads, T, size)
        v = split(self.v_proj(x)).float().reshape(B * self.heads, T, size)
        with torch.autocast("cpu", enabled=False):
            weights = torch.baddbmm(bias, q, k.transpose(1, 2), alpha=1 / math.sqrt(size)).softmax(-1)
            y = torch.bmm(weights, v)
        return self.o_proj(y.view(B, self.heads, T, size).transpose(1, 2).reshape(B, T, D))


class MLP(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.gate_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.up_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down_proj = nn.Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.mlp = MLP(c)

    def forward(self, x, cos, sin, bias):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, bias)
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList(Block(c) for _ in range(c.num_hidden_layers))
        self.norm = RMSNorm(c.hidden_size, c.rms_norm_eps)


class LanguageModel(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.config = c
        self.model = Trunk(c)
        residual = c.initializer_range / math.sqrt(2 * c.num_hidden_layers)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                out = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(p, std=residual if out else c.initializer_range)

    def hidden(self, ids, attention_mask=None):
        """Final normalised states [B, T, D]. Positions are the exclusive cumulative sum of the mask."""
        c = self.config
        B, T = ids.shape
        mask = torch.ones_like(ids) if attention_mask is None else attention_mask
        positions = mask.cumsum(-1) - mask
        cos, sin = rotary(positions, c.hidden_size // c.num_attention_heads, c.rope_theta)
        visible = torch.ones(T, T).tril().bool()
        if attention_mask is not None:
            visible = (visible & mask[:, None, :].bool()).repeat_interleave(c.num_attention_heads, 0)
        bias = torch.zeros(visible.shape).masked_fill(~visible, -1e9)
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = layer(x, cos[:, None], sin[:, None], bias)
        return self.model.norm(x)

    def forward(self, ids, attention_mask=None):
        return self.hidden(ids, attention_mask) @ self.model.embed_tokens.weight.T


def save_safetensors(path, tensors, metadata):
    """Write float16 tensors in the safetensors layout: header length, JSON header, data."""
    header, blobs, at = {"__metadata__": metadata}, [], 0
    for name, t in tensors.items():
        raw = t.detach().to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        blobs.append(raw)
        at += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for raw in blobs:
            f.write(raw)


def load_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n])
    dtypes = {"F16": np.float16, "F32": np.float32}
    return {
        name: torch.from_numpy(
            np.frombuffer(data[8 + n + e["data_offsets"][0] : 8 + n + e["data_offsets"][1]], dtypes[e["dtype"]])
            .astype(np.float32)
            .reshape(e["shape"])
        )
        for name, e in header.items()
        if name != "__metadata__"
    }
