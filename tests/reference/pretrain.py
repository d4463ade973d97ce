"""Pretrain the twin on the token stream that `npm run pretrain -- --tokens-only` leaves.

    python3 tests/reference/pretrain.py --tokens FOLDER --out FOLDER --width 192 --depth 4 --heads 6 --ffn 512

FOLDER holds `tokenizer.json`, `train.bin` and `valid.bin` (uint16 ids, an
end-of-text after each story). Leaves `model.safetensors` (float16),
`config.json` and `history.json`; keeps `checkpoint.pt` and resumes from it.
Matrices are trained with Muon (Jordan 2024: momentum, then five Newton-Schulz
steps), everything else with AdamW; the learning rate warms up and falls
linearly to zero.
"""

import argparse
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

from model import Config, LanguageModel, save_safetensors


def orthogonalise(g):
    """Newton-Schulz iteration of Muon: pushes the singular values of g towards 1."""
    x = g / (g.norm() + 1e-7)
    wide = x.shape[0] <= x.shape[1]
    x = x if wide else x.T
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return x if wide else x.T


class Muon:
    def __init__(self, params, momentum=0.95):
        self.params = list(params)
        self.momentum = momentum
        self.state = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self, lr, weight_decay):
        for p, m in zip(self.params, self.state):
            m.mul_(self.momentum).add_(p.grad)
            update = orthogonalise(p.grad + self.momentum * m)
            p.mul_(1 - lr * weight_decay)
            p.add_(update, alpha=-lr * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def validation(model, stories, context):
    """Total nats of every token (end-of-text included) of each story read from its own beginning.

    Stories longer than the context slide by half a context, so that every token
    after the first window sees at least half a context.
    """
    total, count = 0.0, 0
    windows = []
    for ids in stories:
        for start in range(0, max(1, len(ids) - context // 2 - 1), context // 2):
            piece = ids[start : start + context + 1]
            windows.append((piece, 0 if start == 0 else context // 2))
    windows.sort(key=lambda w: len(w[0]))
    with torch.no_grad():
        for i in range(0, len(windows), 16):
            group = windows[i : i + 16]
            width = max(len(p) for p, _ in group)
            x = torch.zeros(len(group), width, dtype=torch.long)
            keep = torch.zeros(len(group), width - 1)
            for r, (piece, skip) in enumerate(group):
                x[r, : len(piece)] = torch.from_numpy(piece)
                keep[r, skip : len(piece) - 1] = 1
            logits = model(x[:, :-1])
            nll = F.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten(), reduction="none").view_as(keep)
            total += (nll * keep).sum().item()
            count += int(keep.sum())
    return total, count


def split_stories(stream, eos):
    """Each story with the end-of-text before it and its own after it."""
    ends = np.flatnonzero(stream == eos)
    out, start = [], 0
    for end in ends:
        out.append(np.concatenate(([eos], stream[start : end + 1])).astype(np.int64))
        start = end + 1
    return out


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--tokens", required=True)
    a.add_argument("--out", required=True)
    a.add_argument("--width", type=int, required=True)
    a.add_argument("--depth", type=int, required=True)
    a.add_argument("--heads", type=int, required=True)
    a.add_argument("--ffn", type=int, required=True)
    a.add_argument("--context", type=int, default=256)
    a.add_argument("--batch", type=int, default=16)
    a.add_argument("--steps", type=int, required=True)
    a.add_argument("--lr", type=float, default=0.02, help="Muon's; AdamW's is a seventh of it")
    a.add_argument("--weight-decay", type=float, default=0.1)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--valid-bytes", type=int, required=True, help="size of the validation text file")
    a.add_argument("--eval-every", type=int, default=500)
    args = a.parse_args()

    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)
    vocab = len(json.load(open(f"{args.tokens}/tokenizer.json"))["model"]["vocab"])
    train = np.fromfile(f"{args.tokens}/train.bin", np.uint16)
    config = Config(vocab, args.width, args.ffn, args.depth, args.heads, args.context)
    stories = split_stories(np.fromfile(f"{args.tokens}/valid.bin", np.uint16), config.eos_token_id)
    model = LanguageModel(config)
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if not (p.dim() == 2 and "embed" not in n)]
    muon = Muon(matrices)
    adam = torch.optim.AdamW(others, lr=1.0, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
    rng = np.random.default_rng(args.seed)
    step, history = 0, []

    path = f"{args.out}/checkpoint.pt"
    if os.path.exists(path):
        saved = torch.load(path)
        model.load_state_dict(saved["model"])
        adam.load_state_dict(saved["adam"])
        muon.state = saved["muon"]
        rng.bit_generator.state = saved["rng"]
        step, history = saved["step"], saved["history"]
        print(f"resumed at step {step}")
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters} parameters, {len(train)} training tokens, {args.steps * args.batch * args.context / len(train):.1f} epochs")

    began, done, running = time.time(), 0, None
    while step < args.steps:
        scale = min(1, (step + 1) / 100) * (1 - step / args.steps)
        at = rng.integers(0, len(train) - args.context - 1, args.batch)
        rows = torch.from_numpy(np.stack([train[i : i + args.context + 1] for i in at]).astype(np.int64))
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(rows[:, :-1])
        loss = F.cross_entropy(logits.float().flatten(0, 1), rows[:, 1:].flatten())
        for p in model.parameters():
            p.grad = None
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        muon.step(args.lr * scale, args.weight_decay)
        for group in adam.param_groups:
            group["lr"] = args.lr * scale / 7
        adam.step()
        step, done = step + 1, done + 1
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 50 == 0:
            rate = (time.time() - began) / done
            print(f"step {step}/{args.steps} loss {running:.4f} {args.batch * args.context / rate:.0f} tokens/s, {rate * (args.steps - step) / 60:.1f} min left", flush=True)
        if step % args.eval_every == 0 or step == args.steps:
            nats, count = validation(model, stories, args.context)
            history.append({"step": step, "tokens": step * args.batch * args.context, "train_nats": running,
                            "valid_nats": nats / count, "valid_bits_per_byte": nats / math.log(2) / args.valid_bytes})
            print("valid", history[-1], flush=True)
            torch.save({"model": model.state_dict(), "adam": adam.state_dict(), "muon": muon.state,
                        "rng": rng.bit_generator.state, "step": step, "history": history}, path + ".part")
            os.replace(path + ".part", path)
            save_safetensors(f"{args.out}/model.safetensors", dict(model.named_parameters()), {"format": "pt"})
            json.dump(config.hub(), open(f"{args.out}/config.json", "w"), indent=2)
            json.dump({"settings": vars(args), "parameters": parameters, "history": history}, open(f"{args.out}/history.json", "w"), indent=1)


if __name__ == "__main__":
    main()
