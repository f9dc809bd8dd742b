"""Every type of modifications: its example, its sentences, its place in the schema and in the
guide.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from random import Random

import jsonschema
import pytest

import railshed
from railshed.network.model import Network
from railshed.scenario.apply import resolve
from railshed.scenario.files import scenario_from_dict
from railshed.scenario.modifications import MODIFICATIONS, scenario_schema
from railshed.util.bilingual import Words, fill
from railshed.util.errors import InputError
from tests.support.random_networks import random_network, random_targets, to_model
from tests.support.random_scenarios import canonical, modification, scenario

FOLDER = Path(railshed.__file__).parent / "scenario" / "modifications"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FIGURE = re.compile(r"\d+(?:\.\d+)?")


def test_every_module_is_in_the_list() -> None:
    """One module a type, named as it; no other list of types stands anywhere."""
    assert {path.stem.replace("_", "-") for path in FOLDER.glob("[!_]*.py")} == set(MODIFICATIONS)
    assert all(
        kind.__module__.rpartition(".")[2] == name.replace("-", "_")
        for name, kind in MODIFICATIONS.items()
    )


@pytest.mark.parametrize("name", MODIFICATIONS)
def test_the_example_can_be_applied(toy: Network, name: str) -> None:
    """It is valid by the schema and changes the toy network; each sentence has the same figures in
    both languages.
    """
    one = {"type": name, **MODIFICATIONS[name].example}
    jsonschema.Draft202012Validator(scenario_schema()).validate({"modification": [one]})
    found = resolve(toy, scenario_from_dict({"modification": [one]}))
    effects = [effect for effect in found.effects if effect.kind == name]
    assert found.network != toy
    assert effects
    for effect in effects:
        assert CHINESE.search(effect.zh)
        assert Counter(FIGURE.findall(effect.zh)) == Counter(FIGURE.findall(effect.en))


@pytest.mark.parametrize("name", MODIFICATIONS)
def test_sentences_have_the_same_gaps_in_both_languages(name: str) -> None:
    gap = re.compile(r"\{(\w+)")
    for words in (
        value
        for value in vars(MODIFICATIONS[name]).values()
        if isinstance(value, Words) and value.zh
    ):
        assert Counter(gap.findall(words.zh)) == Counter(gap.findall(words.en)), words


@pytest.mark.parametrize("name", MODIFICATIONS)
def test_random_instances_can_be_applied(name: str) -> None:
    """Of 40 random instances on random networks one in four or more is taken, and all are valid by
    the schema.
    """
    validator, n_taken = jsonschema.Draft202012Validator(scenario_schema()), 0
    for seed in range(40):
        rng = Random(seed)
        net = random_network(rng)
        network = canonical(to_model(net, targets=list(random_targets(rng, net))))
        one = modification(rng, network, 0, (name,))
        validator.validate({"modification": [one]})
        try:
            resolve(network, scenario(one))
            n_taken += 1
        except InputError:
            continue
    assert n_taken >= 10


def test_named_figures_fill_both_languages() -> None:
    """Words within words are filled by their own language; what has no Chinese stands as
    English.
    """
    words = Words("{n}站{more}", "{n} stations{more}")
    assert fill(words, n=3, more=Words("(新)", " (new)")) == Words("3站(新)", "3 stations (new)")
    assert fill(words, n=3, more=Words("", " (new)")) == Words("3站 (new)", "3 stations (new)")
