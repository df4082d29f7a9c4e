"""What can be looked at before anything is uploaded: photographs that come with our libraries, drawings, sentences.

The photographs lie in the wheels of scikit-image and scikit-learn. Credits and licences are those of their own sources
(`skimage/data/_fetchers.py`, `sklearn/datasets/images/README.txt`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from lucarne.atlas.pictures import Pixels
from lucarne.atlas.vision import stimuli

LONGEST = 512  # pixels of a sample's longest side

_SKIMAGE = "skimage", "data"
_SKLEARN = "sklearn", "datasets/images"
_FREE = "no known copyright restrictions"
_PUBLIC = "public domain"


@dataclass(frozen=True)
class Sample:
    """A picture that is there from the start."""

    name: str
    credit: str
    licence: str
    about: str  # what to look for
    load: Callable[[], Pixels] = field(repr=False, compare=False)  # (height, width, 3), no side over 512

    @property
    def line(self) -> str:
        """Credit and licence in one line, as it stands under the picture."""
        return f"{self.credit}, {self.licence}"


@dataclass(frozen=True)
class Sentence:
    """A text for the language models, and what it shows."""

    text: str
    about: str
    models: tuple[str, ...] = ()  # the only ones it is for, by name
    corrupt: str = ""  # the same with something changed and as many tokens, to compare it with


def samples() -> list[Sample]:
    """Photographs first, then drawings. Nothing is loaded yet; a photograph that is not installed is left out."""
    photographs = [
        Sample(name, credit, licence, about, partial(_photograph, file))
        for (package, folder), file_name, name, credit, licence, about in _PHOTOGRAPHS
        if (file := _installed(package, folder, file_name))
    ]
    drawings = [Sample(name, "Lucarne", "drawn here", about, load) for name, about, load in _DRAWINGS]
    return photographs + drawings


def sentences() -> list[Sentence]:
    """Short texts in the words of children's stories, on which our GPT was trained, and some for readers of verse."""
    return list(_SENTENCES)


def _installed(package: str, folder: str, name: str) -> Path | None:
    spec = find_spec(package)  # of the top level only: finding a part of a package would import it
    places = spec.submodule_search_locations if spec else None
    files = (Path(place) / folder / name for place in places or ())
    return next((file for file in files if file.is_file()), None)


def _photograph(file: Path) -> Pixels:
    with Image.open(file) as opened:
        image = opened.convert("RGB")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return np.asarray(image)


_PHOTOGRAPHS = [
    (_SKIMAGE, "chelsea.png", "Cat", "Stefan van der Walt", "CC0", "Fur, eyes, whiskers: this is Chelsea."),
    (_SKLEARN, "flower.jpg", "Flower", "vultilion", "CC BY 2.0", "One strong colour against another."),
    (_SKLEARN, "china.jpg", "Temple", "danielbuechele", "CC BY 2.0", "Roofs: edges of many orientations."),
    (_SKIMAGE, "astronaut.png", "Astronaut", "NASA: Eileen Collins", _PUBLIC, "A face, and a flag's stripes."),
    (_SKIMAGE, "coffee.png", "Coffee", "Rachel Michetti", "CC0", "Circles seen aslant, warm colours."),
    (_SKIMAGE, "rocket.jpg", "Rocket", "SpaceX", _PUBLIC, "A bright upright on a dark ground."),
    (_SKIMAGE, "motorcycle_left.png", "Motorcycle", "D. Scharstein et al., Middlebury stereo data sets, 2014",
     "licence not stated", "Wheels, chrome, clutter."),
    (_SKIMAGE, "camera.png", "Cameraman", "Lav Varshney", "CC0", "No colour at all."),
    (_SKIMAGE, "coins.png", "Coins", "Brooklyn Museum: Greek coins from Pompeii", _FREE, "One shape over and over."),
    (_SKIMAGE, "grass.png", "Grass", "linolafett", "CC0", "Blades every which way, without colour."),
    (_SKIMAGE, "brick.png", "Bricks", "CC0Textures", "CC0", "A texture of level and upright lines."),
    (_SKIMAGE, "gravel.png", "Gravel", "CC0Textures", "CC0", "A texture without direction."),
    (_SKIMAGE, "hubble_deep_field.jpg", "Deep field", "NASA, Hubble", _PUBLIC, "Small spots of all colours."),
    (_SKIMAGE, "ihc.png", "Tissue", "Center for Microscopy and Molecular Imaging", _FREE, "Two stains, no object."),
    (_SKIMAGE, "retina.jpg", "Retina", "Mikael Häggström", "CC0", "Branching lines, nearly one hue."),
    (_SKIMAGE, "horse.png", "Horse", "Andreas Preuss", "CC0", "An outline alone: is it still a horse?"),
]  # fmt: skip


_INK, _PAPER = (27, 31, 59), (250, 244, 230)

_DRAWINGS: list[tuple[str, str, Callable[[], Pixels]]] = [
    ("Grating", "Bars at 30°, 0.05 cycles per pixel: turn it and watch a kernel come and go.",
     partial(stimuli.grating, 256, orientation=30, frequency=0.05)),
    ("Colour wheel", "Every hue once; which units like which?", partial(stimuli.hue_disc, 320)),
    ("Rings", "Every orientation at one frequency.", partial(stimuli.rings, 256, frequency=0.06)),
    ("Star", "Every orientation at every frequency.", partial(stimuli.star, 256, arms=24)),
    ("Checkerboard", "Corners, and colours that oppose each other.",
     partial(stimuli.checkerboard, 256, cell=32, colours=((31, 78, 140), (247, 201, 72)))),
    ("Curve", "An arc of radius 67 pixels: units that like curves care which way it opens.",
     partial(stimuli.curve, 256, curvature=0.015, width=14, colours=(_INK, _PAPER))),
    ("Spots", "Blobs, and nothing else.",
     partial(stimuli.spots, 256, spacing=36, radius=10, jitter=0.1, colours=((246, 226, 190), (180, 52, 64)))),
    ("Honeycomb", "Three orientations that meet at 120°.", partial(stimuli.honeycomb, 256)),
    ("Wood", "A texture of long, wavering lines.", partial(stimuli.wood, 256)),
    ("Noise", "Colour and brightness at random, spread over the scales as in photographs.",
     partial(stimuli.noise, 256, exponent=2, contrast=0.4, coloured=True)),
]  # fmt: skip


_SENTENCES = (
    Sentence(
        "Tom had a red ball. Tom gave the ball to Lily. Lily gave the ball back to Tom.",
        "Names that come again: which heads look back to the last time?",
    ),
    Sentence(
        "Once upon a time, there was a little robot named Blip. Blip had a friend named Sam. One day, Sam said, "
        '"Hello, Bl',
        "A name nobody knows, begun again: which heads look it up and copy its end?",
        corrupt="Once upon a time, there was a little robot named Blot. Blot had a friend named Sam. One day, "
        'Sam said, "Hello, Bl',
    ),
    Sentence("Once upon a time, there was a little girl named Lily.", "How every story begins: the guesses are sure."),
    Sentence(
        "The cat sat on the mat because it was warm. The dog sat on the cat because it was soft.",
        "A pronoun, twice: who is it?",
    ),
    Sentence(
        "Blue spoon tree seven cloud. Blue spoon tree seven cloud. Blue spoon tree seven cloud.",
        "Words in no order, then again: from the second time on, a head that copies knows what comes (induction).",
    ),
    Sentence(
        '"Can I play with you?" asked the little bird. "Yes, you can," said the big bear.',
        "Quotation marks that open and close, and who is speaking.",
    ),
    Sentence(
        "Mom and Dad went to the park. Mom played with Sam, and Dad played with",
        "It stops short: does the network look for somebody who is left over?",
    ),
    Sentence(
        "Sara was happy. Ben was sad. Sara was happy because she had a kite. Ben was sad because",
        "She and he: two stories beside each other.",
    ),
    Sentence("One, two, three, four, five, six, seven,", "Counting: what comes next?"),
    Sentence(
        "The big dog was very big. The small dog was very small. The brown dog was very",
        "A pattern made of sentences: can it be carried on?",
    ),
    Sentence(
        "Once upon a time, there was a boy named Max. Max had a small blue boat. Every day he took it to the lake. "
        "One day, the wind was strong and the boat went far away. Max was very sad. A kind duck saw him and asked, "
        '"Why are you sad?" Max said, "My boat is gone." The duck swam far, far away. Soon the duck came back with the '
        'small blue boat. "Thank you, duck!" said Max. Max and the duck were friends, and they played with the boat '
        "every day.",
        "A whole story: names, things and a quotation to look back to over a hundred words.",
    ),
    *(
        Sentence(text, about, models=("shakespeare",), corrupt="".join(corrupt))
        for text, about, *corrupt in (
            (
                "JULIET:\nO Romeo, Romeo! wherefore art thou Romeo?\nDeny thy father and refuse thy name;",
                "A name again and again: which heads look back to the last time, letter by letter?",
            ),
            (
                "ROMEO:\nBut, soft! what light through yonder window breaks?\n"
                "It is the east, and Juliet is the sun.\n\nJULIET:\n",
                "Who speaks: a name in capitals, a colon, a new line.",
            ),
            (
                "To-morrow, and to-morrow, and to-morrow,\nCreeps in this petty pace from day to day",
                "Said three times: from the second time on, a head that copies knows what comes (induction).",
            ),
            (
                "To be, or not to be: that is the ques",
                "It stops within a word: how sure is the next letter?",
                "To be, or not to be: that is the bloo",
            ),
            (
                "Double, double toil and trouble;\nFire burn and cauldron bubble.\n",
                "Rhymes: does any head look from one line's end to the other's?",
            ),
            (
                "KING RICHARD III:\nA horse! a horse! my kingdom for a horse!\n\nCATESBY:\nWithdraw, my lord;",
                "A call and its answer: spaces, line ends and signs are tokens like any letter.",
            ),
        )
    ),
)
