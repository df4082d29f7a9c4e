"""Byte-level BPE through the `tokenizers` library, with what a page wants to know of each token."""

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from lucarne.models.errors import Unsuitable, WeightsDamaged

END = "<|endoftext|>"


@dataclass(frozen=True)
class Piece:
    """A token where it stands in a text: `start` and `end` count UTF-16 code units, as JavaScript strings do."""

    id: int
    bytes: bytes
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.bytes.decode("utf-8", errors="replace")


class BPE:
    """A vocabulary, its merges, and the text ⇄ tokens between them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.tokenizer.encode_special_tokens = True  # a text that spells a special token out means its letters
        self.end: int | None = tokenizer.token_to_id(END)
        added = tokenizer.get_added_tokens_decoder()
        self._added = {number: token.content.encode() for number, token in added.items()}

    @classmethod
    def read(cls, file: Path) -> "BPE":
        """Raises WeightsDamaged for a file that is no tokenizer."""
        try:
            return cls(Tokenizer.from_file(str(file)))
        except Exception as error:  # the library raises nothing narrower
            raise WeightsDamaged(f"{file.name} is no tokenizer that can be read.") from error

    @property
    def vocabulary(self) -> int:
        return self.tokenizer.get_vocab_size()

    def bytes_of(self, token: int) -> bytes:
        """The bytes a token stands for; a special or added token stands for its own name."""
        if token in self._added:
            return self._added[token]
        byte_of = _byte_of()
        written = self.tokenizer.id_to_token(token) or ""
        return b"".join(bytes([byte_of[letter]]) if letter in byte_of else letter.encode() for letter in written)

    def text_of(self, token: int) -> str:
        return self.bytes_of(token).decode("utf-8", errors="replace")

    def ids(self, text: str) -> list[int]:
        """Token numbers of a text taken as it is: `<|endoftext|>` written in it is letters, not the special token."""
        return [piece.id for piece in self.pieces(text)]

    def pieces(self, text: str) -> list[Piece]:
        """The tokens of a text; their bytes, one after another, are exactly the text's.

        Raises Unsuitable where they are not: a stranger's tokenizer may fold case, add a space or drop what it lacks.
        """
        raw = text.encode("utf-8")
        tokens = self.tokenizer.encode(text, add_special_tokens=False).ids
        parts = [self.bytes_of(token) for token in tokens]
        if b"".join(parts) != raw:
            raise Unsuitable(self._stumbles(text), field="text")
        units = _units_before_byte(text, len(raw))
        ends = list(accumulate(map(len, parts), initial=0))  # bytes
        return [
            Piece(token, own, units[start], units[end])
            for token, own, start, end in zip(tokens, parts, ends[:-1], ends[1:], strict=True)
        ]

    def _stumbles(self, text: str) -> str:
        """Why the tokens of this text do not spell it."""
        unknown = [letter for letter in dict.fromkeys(text) if not self.tokenizer.encode(letter).ids]
        if not unknown:
            return "This model's tokenizer changes the text: its tokens cannot be shown in it."
        shown = " ".join(
            letter if letter.isprintable() and letter != " " else f"U+{ord(letter):04X}" for letter in unknown[:10]
        )
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        return f"This model has no token for {shown}{more}: leave out what it cannot read."


def bytes_only() -> BPE:
    """A tokenizer without merges: 256 bytes and the end of text, for the tiny network of the tests."""
    tokenizer = Tokenizer(models.BPE(vocab={**_byte_of(), END: 256}, merges=[]))
    tokenizer.add_special_tokens([END])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return BPE(tokenizer)


def merges(file: Path) -> list[tuple[str, str]]:
    """The merges of a `tokenizer.json` in the order in which they were learned."""
    learned = json.loads(file.read_text(encoding="utf-8"))["model"]["merges"]
    return [tuple(pair) if isinstance(pair, list) else tuple(pair.split(" ", 1)) for pair in learned]


@lru_cache
def _byte_of() -> dict[str, int]:
    """GPT-2's printable letter for each byte, inverted: printable bytes are themselves, the rest from U+0100 on."""
    own = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in own]
    return {chr(byte): byte for byte in own} | {chr(256 + i): byte for i, byte in enumerate(others)}


def _units_before_byte(text: str, size: int) -> list[int]:
    """For each byte offset of the UTF-8 form the number of UTF-16 code units that begin before it, (size + 1,)."""
    units: list[int] = []
    before = 0
    for letter in text:
        wide = len(letter.encode("utf-8"))
        after = before + (2 if ord(letter) > 0xFFFF else 1)
        units += [before] + [after] * (wide - 1)
        before = after
    units.append(before)
    assert len(units) == size + 1
    return units
