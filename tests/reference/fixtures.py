"""Write the fixture that the parity tests compare the lab's model with.

    python3 tests/reference/fixtures.py

Leaves tests/reference/fixtures/parity.json: the twin's weights, its logits on
a batch padded on both sides, the gradient of a cross-entropy by every
parameter, and the weights after three AdamW steps with gradient clipping.
Tensors are little-endian float32 in base64.
"""

import base64
import json
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F

from model import Config, LanguageModel

CONFIG = Config(32, 16, 24, 2, 2, 64)
OPTIMISER = {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-5, "weight_decay": 0.1, "max_grad_norm": 0.5}
# Tokens to the left and to the right of each row that are padding; the last row has neither.
PADDING = [(4, 0), (1, 3), (0, 0)]
WIDTH = 10
STEPS = 3


def pack(tensor):
    values = tensor.detach().contiguous().float().numpy()
    return {"shape": list(values.shape), "data": base64.b64encode(values.astype("<f4").tobytes()).decode()}


def main():
    torch.manual_seed(7)
    model = LanguageModel(CONFIG)
    with torch.no_grad():
        for p in model.parameters():
            # Far from the near-uniform predictions of fresh weights, where mistakes would hide.
            p.copy_(1 + 0.2 * torch.randn_like(p) if p.dim() == 1 else 0.4 * torch.randn_like(p))

    ids = torch.randint(2, CONFIG.vocab_size, (len(PADDING), WIDTH))
    mask = torch.ones_like(ids)
    for row, (left, right) in enumerate(PADDING):
        mask[row, :left] = 0
        mask[row, WIDTH - right :] = 0
    ids[mask == 0] = CONFIG.pad_token_id

    def loss():
        # Mean over every real token that follows a real token.
        log_probs = F.log_softmax(model(ids, mask)[:, :-1], -1).gather(-1, ids[:, 1:, None])[..., 0]
        counted = mask[:, 1:] * mask[:, :-1]
        return -(log_probs * counted).sum() / counted.sum()

    fixture = {
        "config": asdict(CONFIG),
        "optimiser": OPTIMISER,
        "ids": ids.tolist(),
        "mask": mask.tolist(),
        "weights": {name: pack(p) for name, p in model.named_parameters()},
        "logits": pack(model(ids, mask)),
    }
    adam = torch.optim.AdamW(
        model.parameters(),
        lr=OPTIMISER["learning_rate"],
        betas=(OPTIMISER["beta1"], OPTIMISER["beta2"]),
        eps=OPTIMISER["epsilon"],
        weight_decay=OPTIMISER["weight_decay"],
    )
    losses, norms = [], []
    for step in range(STEPS):
        adam.zero_grad()
        value = loss()
        value.backward()
        if step == 0:
            fixture["gradients"] = {name: pack(p.grad) for name, p in model.named_parameters()}
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIMISER["max_grad_norm"]).item())
        adam.step()
        losses.append(value.item())
    fixture.update(losses=losses, gradient_norms=norms, weights_after={name: pack(p) for name, p in model.named_parameters()})
    path = Path(__file__).parent / "fixtures" / "parity.json"
    path.write_text(json.dumps(fixture, indent=1) + "\n")
    print(path, path.stat().st_size, "bytes; losses", losses, "norms", norms)


if __name__ == "__main__":
    main()
