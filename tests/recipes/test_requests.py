"""Requests: equal ones have one id, others another, and nothing is taken for something else."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from lucarne import shipped
from lucarne.recipe import Recipe
from lucarne.recipes import RECIPES

from .bench import ANY_RECIPE, BY_KIND, MODELS_ON_BENCH, TEXT, filled, kind


def test_equal_recipes_have_one_id_however_they_were_written() -> None:
    for recipe in RECIPES:
        asked = filled(recipe)
        spelt_out = recipe.model_validate(asked).model_dump()
        turned = dict(reversed(spelt_out.items()))
        ids = {
            ANY_RECIPE.validate_python(written).id("w") for written in (asked, spelt_out, turned)
        } | {ANY_RECIPE.validate_json(recipe.model_validate(asked).model_dump_json()).id("w")}  # fmt: skip
        assert len(ids) == 1
        (id,) = ids
        assert len(bytes.fromhex(id)) == 32


OTHER = {
    "model": "another", "site": "conv2", "stretch": "shared", "picture": hashlib.sha256(b"other").hexdigest(),
    "rotate": 0.5, "k": 7, "text": f"{TEXT} ", "begin": False, "seed": 1,
    "trained": 0.5, "unit": 4, "aim": "neuron", "preset": "final", "steps": 3, "size": 64, "tries": 2, "negative": True,
    "class_": 3, "method": "grad_cam", "window": 9, "stride": 3, "edits": ({"unit": 1},), "end": "writes",
    "corrupt": hashlib.sha256(b"corrupt").hexdigest(), "gallery": "other-0123456789ab",
    "a": (hashlib.sha256(b"a").hexdigest(),), "b": (hashlib.sha256(b"b").hexdigest(),),
    "layer": 1, "head": 1, "query": 1, "key": 1, "length": 3, "off": ((0, 1),), "shown": (0, 1), "first": 1, "count": 2,
    "matrix": "k", "row": 1, "column": 1,
    "forced": (5, 6), "temperature": 0.5, "top_k": 5, "top_p": 0.5, "strengths": (1.0,), "stories": 2, "mode": "add",
    "position": 1, "answer": 3, "against": 4, "other": f"{TEXT} ", "what": "heads", "most": 5,
    "corpus": "other-0123456789ab", "plus": ("a",), "minus": ("b",), "number": 1, "context": 3,
    "units": ({"site": "conv1", "unit": 0},), "apart": 2.0, "way": "deep_dream",
    "visitors": "other-0123456789ab",
}  # fmt: skip


OTHER_OF: dict[tuple[str, str], Any] = {
    ("text_ablation", "edits"): ({"part": "mlp", "layer": 0},),
    ("steering", "first"): 2,
    ("dose_response", "first"): 2,
}


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
def test_anything_that_differs_makes_another_id(recipe: type[Recipe]) -> None:
    plain = recipe.model_validate(filled(recipe))
    ids = {plain.id("weights"), plain.id("other weights")}
    others = set(recipe.model_fields) - {"kind"}
    for name in others:
        other = OTHER_OF.get((kind(recipe), name), OTHER.get(name))
        ids.add(recipe.model_validate(filled(recipe, **{name: other})).id("weights"))
    assert len(ids) == 2 + len(others)


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
def test_what_is_made_of_another_edition_of_what_ships_is_another_thing(
    recipe: type[Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {name: field.default for name, field in recipe.model_fields.items()}
    asked = recipe.model_validate(filled(recipe))
    own = {name: "mine-0123456789ab" for name in ("gallery", "corpus", "visitors") if name in fields}
    before = asked.id("w"), asked.model_copy(update=own).id("w")
    monkeypatch.setattr("lucarne.recipe.edition", lambda: "the next one")
    after = asked.id("w"), asked.model_copy(update=own).id("w")
    assert (before[0] != after[0]) == (recipe.of_what_ships or "bundled" in fields.values())
    assert (before[1] != after[1]) == recipe.of_what_ships, "of one's own pictures and texts nothing else counts"


def test_a_dictionarys_features_are_of_what_ships(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = {"site": "conv1", "unit": 1}, {"site": "relu5.features", "unit": 2}
    asked = [
        ANY_RECIPE.validate_python({"model": "alexnet", **each})
        for each in ({"kind": "feature", **other}, {"kind": "mix", "units": [one, other]})
    ]
    before = [each.id("w") for each in asked]
    monkeypatch.setattr("lucarne.recipe.edition", lambda: "the next one")
    assert all(each.id("w") != id for each, id in zip(asked, before, strict=True))


def test_an_edition_is_known_by_names_and_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path / package)
    edition = shipped.edition.__wrapped__
    file = tmp_path / "lucarne.atlas" / "bundled" / "texts" / "a.json"
    file.parent.mkdir(parents=True)
    weights = tmp_path / "lucarne.models" / "bundled" / "gpt" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    told = [edition()]
    file.write_text("one")
    told.append(edition())
    file.write_text("two")
    told.append(edition())
    file.rename(file.with_name("b.json"))
    told.append(edition())
    assert len(set(told)) == 4
    weights.write_bytes(b"known by their own hash")
    assert edition() == told[-1]


def test_recipes_of_different_kinds_never_share_an_id() -> None:
    fields = {"model": "m", "text": "t"}
    pair = [BY_KIND[each].model_validate({"kind": each, **fields}) for each in ("tokens", "attention")]
    assert pair[0].id("w") != pair[1].id("w")


def test_texts_that_look_alike_are_different_recipes() -> None:
    recipe = BY_KIND["tokens"]
    ids = {recipe.model_validate(filled(recipe, text=text)).id("w") for text in ("é", "e\u0301", "é ", "\u200bé", "É")}
    assert len(ids) == 5


def test_a_recipe_cannot_be_changed() -> None:
    for recipe in RECIPES:
        with pytest.raises(ValidationError):
            recipe.model_validate(filled(recipe)).model = "other"


WRONG: dict[str, list[Any]] = {
    "kind": ["", "Kernels", None, 1],
    "model": ["", "x" * 201, None, 3, ["tiny_gpt"], b"tiny_gpt"],
    "site": ["", "x" * 101, None, 1, {}],
    "stretch": ["", "EACH", None, True],
    "picture": [
        "",
        "0" * 63,
        "0" * 65,
        "G" * 64,
        "0" * 63 + "\n",
        f"../{'0' * 61}",
        ("0" * 64).upper().replace("0", "A"),
        0,
    ],
    "trained": [float("nan"), float("inf"), -0.001, 1.001, "1", True, None, 10**400],
    "rotate": [float("nan"), float("inf"), -float("inf"), 180.1, -181, "0", True, None, 10**400],
    "k": [0, -1, 51, 1.0, "5", True, None, 10**30],
    "text": ["", "x" * 16385, None, 5, ["a"], b"a", "\ud800", "a\udfff"],
    "begin": [1, 0, "true", None],
    "seed": [-1, 2**32, 1.0, "1", True, None],
    "unit": [-1, 65536, 1.0, "1", True, None, 10**400],
    "aim": ["", "Channel", "pixel", None, 1],
    "preset": ["", "draft", None, True],
    "steps": [0, -1, 1025, 8.0, "8", True, 10**30],
    "size": [63, 513, 128.0, "128", None, True],
    "tries": [0, 9, 1.0, "1", None, True],
    "negative": [1, 0, "true", None],
    "gallery": ["", "Bundled", "../bundled", "-x", "x" * 81, "bundled\n", None, 3],
    "visitors": ["", "Bundled", "../bundled", None, 3],
    "a": [None, "0" * 64, ("0" * 63,), (3,), (None,), ("0" * 64,) * 201, {}],
    "b": [None, "0" * 64, ("0" * 63,), (3,), (None,), ("0" * 64,) * 201, {}],
    "class_": [-1, 65536, 1.0, "1", True, 10**400],
    "method": ["", "Grad_CAM", "saliency", None, 1],
    "window": [0, -1, 513, 8.0, "8", True],
    "stride": [0, -1, 513, 8.0, "8", True],
    "corrupt": ["", "0" * 63, "0" * 65, "G" * 64, "0" * 63 + "\n", None, 0],
    "edits": [
        None,
        {},
        "zero",
        ({},),
        ({"unit": -1},),
        ({"unit": 65536},),
        ({"unit": "1"},),
        ({"unit": 1, "action": "mute"},),
        ({"unit": 1, "value": float("nan")},),
        ({"unit": 1, "value": 1001},),
        ({"unit": 1, "extra": 0},),
        ({"unit": 1},) * 4097,
    ],
    "end": ["", "Reads", "both", None, 0],
    **{name: [-1, 1024, 1.0, "1", True, None] for name in ("layer", "head")},
    **{name: [-1, 65536, 1.0, "1", True, None] for name in ("query", "key", "row", "first")},
    "column": [-1, 1_000_001, 1.0, "1", True, None],
    "count": [0, 65, 1.0, "1", True, None],
    "length": [1, -1, 4097, 8.0, "8", True, None],
    "off": [None, {}, "00", (0, 1), ((0,),), ((0, -1),), ((0, 1, 2),), ((0, "1"),), ((0, 1),) * 1025],
    "shown": [{}, "01", (0,), (0, -1), (0, 1, 2), (0, "1"), (0, 1024)],
    "matrix": ["", "Q", "queries", None, 1],
    "position": [-1, 65536, 1.0, "1", True],
    "corpus": ["", "Bundled", "../bundled", "-x", "x" * 81, "bundled\n", None, 3],
    "plus": [None, "king", (), ("",), (3,), ("x" * 101,), ("x",) * 9, {}],
    "minus": [None, "king", ("",), (3,), ("x" * 101,), ("x",) * 9, {}],
    "number": [-1, 10**7 + 1, 1.0, "1", True, None],
    "context": [0, -1, 129, 1.0, "1", True, None],
    **{name: [-1, 2**24 + 1, 1.0, "1", True] for name in ("answer", "against")},
    "other": ["", "x" * 16385, 5, ["a"], b"a", "\ud800"],
    "what": ["", "Heads", "resid_post", None, 1],
    "most": [0, 1025, 1.0, "1", True, None],
    "forced": [None, 5, "5", {}, (-1,), ("5",), (1.0,), (True,), (None,), (10**9,), (1,) * 1025],
    "temperature": [-0.1, 10.1, 0.001, float("nan"), float("inf"), "1", True, None],
    "top_k": [-1, 10**9, 1.0, "5", True, None],
    "top_p": [0, -0.1, 1.1, float("nan"), "1", True, None],
    "strengths": [None, 1.0, "1", (), ("1",), (101,), (float("nan"),), (None,), (1.0,) * 17],
    "stories": [0, 33, 1.0, "8", True, None],
    "mode": ["", "Clamp", "ablate", None, 1],
}
WRONG_OF: dict[tuple[str, str], list[Any]] = {
    **{(kind, "length"): [-1, 1025, 8.0, "8", True, None] for kind in ("generation", "steering", "dose_response")},
    ("steering", "edits"): [
        None,
        {},
        "clamp",
        ({},),
        ({"unit": -1},),
        ({"unit": "1"},),
        ({"unit": 1, "mode": "mute"},),
        ({"unit": 1, "strength": float("nan")},),
        ({"unit": 1, "strength": 101},),
        ({"unit": 1, "extra": 0},),
        ({"unit": 1},) * 17,
    ],
    ("lens", "count"): [0, 257, 1.0, "1", True, None],
    ("text_patching", "corrupt"): WRONG["text"],
    ("text_ablation", "edits"): [
        None,
        {},
        "zero",
        ({},),
        ({"part": "mlp"},),
        ({"part": "MLP", "layer": 0},),
        ({"part": "mlp", "layer": -1},),
        ({"part": "mlp", "layer": "0"},),
        ({"part": "mlp", "layer": 0, "action": "clamp"},),
        ({"part": "mlp", "layer": 0, "position": -1},),
        ({"part": "edge", "layer": 0, "head": 0, "to": "embedding"},),
        ({"part": "mlp", "layer": 0, "extra": 0},),
        ({"part": "mlp", "layer": 0},) * 1025,
    ],
}


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
def test_nothing_is_taken_for_something_else(recipe: type[Recipe]) -> None:
    ANY_RECIPE.validate_python(filled(recipe))
    for name in recipe.model_fields:
        for value in WRONG_OF.get((kind(recipe), name), WRONG.get(name, [])):
            if value is None and recipe.model_fields[name].get_default() is None:
                continue
            with pytest.raises(ValidationError):
                ANY_RECIPE.validate_python(filled(recipe, **{name: value}))
        if recipe.model_fields[name].is_required():
            asked = filled(recipe)
            del asked[name]
            with pytest.raises(ValidationError):
                ANY_RECIPE.validate_python(asked)


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
@pytest.mark.parametrize("extra", ["seed", "Model", "id", "weights", "__class__", "model_config", ""])
def test_an_unknown_field_is_refused(recipe: type[Recipe], extra: str) -> None:
    with pytest.raises(ValidationError):
        ANY_RECIPE.validate_python(filled(recipe, **{extra: "x"}))


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"kind":"kernels"}', '{"kind":"kernels","model":NaN}'])
def test_a_body_that_is_no_recipe_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        ANY_RECIPE.validate_json(body)


def test_a_recipe_suits_no_site_of_another_kind_of_network() -> None:
    for recipe in RECIPES:
        for model in MODELS_ON_BENCH.values():
            if model.kind != recipe.suits_kind:
                assert not recipe.suits(model.kind)
                assert not any(recipe.suits(model.kind, site) for site in model.sites.values())


def test_recipes_can_be_read_without_torch() -> None:
    code = "import sys, lucarne.recipes; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
