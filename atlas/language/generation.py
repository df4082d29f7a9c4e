"""A network writes on, token by token: which it drew, from which odds, and what else it could have said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lucarne.atlas.language.bench import gpt
from lucarne.atlas.language.tokens import tokens
from lucarne.models.cache import Cache
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.tokenizer import Piece

Ended = Literal["length", "end", "context"]  # as many as asked for; the end-of-text token; no room for more


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn, in the order of Hugging Face's `generate`: temperature, then top-k, then top-p."""

    temperature: float = 1.0  # 0: always the likeliest
    top_k: int = 0  # 0: all
    top_p: float = 1.0

    def odds(self, logits: Tensor) -> Tensor:
        """The probabilities that are drawn from, shaped as `logits` (…, vocabulary); 0 for what was cut off.

        Top-k keeps what is as likely as the k-th; top-p (Holtzman et al., "The Curious Case of Neural Text
        Degeneration", 2020) the fewest of the likeliest that together have at least that probability.
        """
        if self.temperature == 0:
            return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
        logits = logits / self.temperature
        if 0 < self.top_k < logits.shape[-1]:
            least = logits.topk(self.top_k, dim=-1).values[..., -1:]
            logits = logits.masked_fill(logits < least, -torch.inf)
        if self.top_p < 1:
            rising, order = logits.sort(dim=-1)
            cut = rising.softmax(-1).cumsum(-1) <= 1 - self.top_p  # (…, vocabulary), the unlikeliest first
            cut[..., -1] = False
            logits = logits.masked_fill(cut.scatter(-1, order, cut), -torch.inf)
        return logits.softmax(-1)


class Writer:
    """Texts of one length that grow in step, each with a chance of its own.

    The draw of a text's n-th new token is the n-th of its seed, whether those before it were drawn or told: a story
    that is continued is the story that was written in one go, up to the rounding of the passes.
    """

    def __init__(self, network: GPT, seeds: Sequence[int], room: int) -> None:
        plan, device = network.plan, network.wte.weight.device
        self.network, self.device = network, device
        self.cache = Cache(
            layers=plan.layers, heads=plan.heads, head_width=plan.head_width, positions=room, batch=len(seeds),
            device=str(device),
        )  # fmt: skip
        self.chances = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.logits = torch.zeros(len(seeds), plan.vocabulary)  # float32, on the CPU: of what comes next

    def read(self, following: Tensor, last: int = 1) -> Tensor:
        """Read int64 (text, position) behind what was read; logits (text, last, vocabulary) of the last so many."""
        found = self.network(following.to(self.device), self.cache, last).float().cpu()
        self.logits = found[:, -1]
        return found

    def skip(self, draws: int) -> None:
        """Let chance go by for tokens that are told."""
        for chance in self.chances:
            for _ in range(draws):
                torch.multinomial(torch.ones_like(self.logits[0]), 1, generator=chance)

    def draw(self, sampling: Sampling) -> Tensor:
        """The next token of each text, int64 (text,). It is not read yet."""
        if sampling.temperature == 0:
            return self.logits.argmax(-1)
        odds = sampling.odds(self.logits)  # (text, vocabulary)
        drawn = [torch.multinomial(row, 1, generator=own) for row, own in zip(odds, self.chances, strict=True)]
        return torch.cat(drawn)


@dataclass(frozen=True)
class Candidate:
    """A token that could have come."""

    id: int
    probability: float  # the network's own
    odds: float  # with which it is drawn; 0: cut off by temperature, top-k or top-p


@dataclass(frozen=True)
class Told:
    """A token of a story, and how it came to stand there."""

    id: int
    forced: bool
    probability: float  # the network's own
    rank: int  # 0: the likeliest of all
    entropy: float  # of the network's own distribution at this place, in bits
    candidates: list[Candidate]  # the likeliest, best first


@dataclass(frozen=True)
class Written:
    """A story: the prompt's tokens, what follows them, and what may come next."""

    pieces: list[Piece]
    told: list[Told]
    ended: Ended
    logits: Tensor  # float32 (vocabulary,): of what comes behind all of it
    following: list[Candidate]  # the likeliest of these


@torch.inference_mode()
def generation(
    model: Model,
    text: str,
    *,
    begin: bool = True,
    forced: Sequence[int] = (),
    length: int = 40,
    sampling: Sampling = Sampling(),
    seed: int = 0,
    k: int = 10,
    tell: Callable[[Told], None] = lambda _: None,
    progress: Progress = iter,
) -> Written:
    """Write on behind a text and the tokens `forced` behind it, up to `length` more.

    Positions are learned, so the story stops where the context is full. `tell` hears of each token as it stands.
    Raises Unsuitable for a token the network does not have, TooMuch for more than it reads at once.
    """
    network = gpt(model)
    pieces = tokens(model, text, begin)
    check_tokens(network, forced)
    prompt = [piece.id for piece in pieces]
    context, end = network.plan.context, model.tokenizer.end
    if len(prompt) + len(forced) > context:
        room = context - len(prompt)
        raise TooMuch(f"Behind this text {model.card.name} has room for {room} tokens.", room, field="forced")
    new = min(length, context - len(prompt) - len(forced))
    writer = Writer(network, [seed], len(prompt) + len(forced) + new)
    told: list[Told] = []

    def add(logits: Tensor, token: int, is_forced: bool) -> None:
        told.append(told_of(logits, token, is_forced, sampling, k))
        tell(told[-1])

    before = writer.read(torch.tensor([[*prompt, *forced]]), len(forced) + 1)[0]  # (forced + 1, vocabulary)
    for logits, token in zip(before, forced, strict=False):
        add(logits, token, True)
    writer.skip(len(forced) if sampling.temperature else 0)
    for _ in progress(range(new)):
        token = writer.draw(sampling)  # (1,)
        add(writer.logits[0], int(token), False)
        writer.read(token[:, None])
        if told[-1].id == end:
            break
    ended: Ended = "end" if told and told[-1].id == end else "length"
    if ended == "length" and len(prompt) + len(told) == context:
        ended = "context"
    return Written(pieces, told, ended, writer.logits[0], candidates(writer.logits[0], sampling, k))


def candidates(logits: Tensor, sampling: Sampling, k: int) -> list[Candidate]:
    """The `k` likeliest tokens by logits (vocabulary,), best first."""
    best = logits.softmax(-1).topk(min(k, len(logits)))  # two of (k,)
    odds = sampling.odds(logits)[best.indices]
    rows = zip(best.indices.tolist(), best.values.tolist(), odds.tolist(), strict=True)
    return [Candidate(*row) for row in rows]


def check_tokens(network: GPT, forced: Sequence[int]) -> None:
    """Raises Unsuitable for a number that is no token's."""
    vocabulary = network.plan.vocabulary
    for token in forced:
        if not 0 <= token < vocabulary:
            raise Unsuitable(f"There is no token {token}: they are numbered 0 to {vocabulary - 1}.", field="forced")


def told_of(logits: Tensor, token: int, forced: bool, sampling: Sampling, k: int) -> Told:
    """What is to say of a token at a place with logits (vocabulary,), with the `k` likeliest there."""
    logs = logits.log_softmax(-1)  # (vocabulary,)
    entropy = torch.special.entr(logs.exp()).sum() / torch.log(torch.tensor(2.0))
    return Told(
        id=token,
        forced=forced,
        probability=float(logs[token].exp()),
        rank=int((logits > logits[token]).sum()),
        entropy=float(entropy),
        candidates=candidates(logits, sampling, k),
    )
