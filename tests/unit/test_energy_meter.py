"""What runs cost: the sums, the classes of the figures, and the totals that were published."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.energy_samples import HIGH, LOW, hart, run
from vplat.energy import EnergyMeter, EnergyTable
from vplat.errors import PluginError
from vplat.machine.cost_table import Figure
from vplat.machine.isa import InstructionClass
from vplat.machine.statistics import DeviceStatistics, Statistics

Kind = InstructionClass
TABLE = EnergyTable.load("cluster-22nm")
METER = EnergyMeter(TABLE, LOW)


def price(line: str) -> float:
    return TABLE.lines[line].amount * 1e-12


def test_a_run_that_has_not_begun_costs_nothing_and_draws_nothing() -> None:
    energy = METER.measure(run())
    assert energy.total_joules == energy.average_watts == 0
    assert energy.figure is Figure.EXACT


def test_components_add_up_to_the_total() -> None:
    mix = {Kind.LOAD: 300, Kind.ALU: 500}
    energy = METER.measure(
        run(hart(1000, mix), mchan={"bytes": 64}, ita={"q_macs": 9, "busy_cycles": 5})
    )
    assert math.isclose(sum(energy.by_component.values()), energy.total_joules)
    idle = {"event_unit", "barrier"}
    assert all(joules > 0 for name, joules in energy.by_component.items() if name not in idle)
    assert list(energy.by_component) == [
        *("cores", "instruction_cache", "tcdm", "interconnect", "ita", "dma", "l2"),
        *("event_unit", "barrier", "cluster", "leakage"),
    ]


def test_instructions_are_charged_by_class_with_their_fetch_and_their_accesses() -> None:
    busy = METER.measure(run(hart(10, {Kind.MUL: 2, Kind.LOAD: 3, Kind.AMO: 1})))
    assert math.isclose(
        busy.by_component["cores"],
        10 * price("harts.active_cycle")
        + 2 * price("instructions.mul")
        + 3 * price("instructions.load")
        + price("instructions.amo"),
    )
    assert math.isclose(busy.by_component["instruction_cache"], 6 * price("harts.fetch"))
    assert math.isclose(busy.by_component["tcdm"], (3 + 2) * price("harts.memory_access"))
    assert math.isclose(busy.by_component["interconnect"], 5 * price("interconnect.access"))


def test_components_are_split_by_what_was_done() -> None:
    mix = {Kind.MUL: 2, Kind.LOAD: 3}
    energy = METER.measure(
        run(hart(100, mix, active=10), ita={"qk_macs": 7, "av_macs": 5, "tcdm_reads": 1})
    )
    assert math.isclose(energy.by_part["cores"]["mul"], 2 * price("instructions.mul"))
    assert math.isclose(energy.by_part["cores"]["asleep"], 90 * price("harts.sleep_cycle"))
    assert set(energy.by_part["cores"]) == {"awake", "asleep", "mul", "load"}
    assert set(energy.by_part["ita"]) == {"qk", "av"}
    assert set(energy.by_part["tcdm"]) == set(energy.by_part["interconnect"]) == {"cores", "ita"}
    for component, joules in energy.by_component.items():
        assert math.isclose(sum(energy.by_part[component].values()), joules)


def test_a_sleeping_hart_costs_less_than_one_that_waits_awake() -> None:
    asleep = METER.measure(run(hart(1000, active=0))).by_component["cores"]
    awake = METER.measure(run(hart(1000))).by_component["cores"]
    assert math.isclose(asleep, 1000 * price("harts.sleep_cycle"))
    assert 0 < asleep < awake


def test_devices_are_charged_by_their_kind_whatever_their_name() -> None:
    statistics = run(hart(10))
    device = DeviceStatistics("mchan", {"bytes": 100, "bursts": 1})
    named = Statistics(10, 0, statistics.harts, {"my_dma": device})
    energy = METER.measure(named)
    assert math.isclose(energy.by_component["dma"], 100 * price("activities.mchan.bytes.dma"))
    assert math.isclose(energy.by_component["l2"], 100 * price("activities.mchan.bytes.l2"))


def test_leakage_grows_with_time_and_with_the_number_of_harts() -> None:
    seconds = 425 / LOW.hertz
    one, two = (METER.measure(run(*[hart(425)] * n)) for n in (1, 2))
    each = TABLE.hart_leakage.amount * seconds
    cluster = TABLE.leakage.amount * seconds
    assert math.isclose(one.by_component["leakage"], cluster + each)
    assert math.isclose(two.by_component["leakage"], cluster + 2 * each)


def test_mean_power_is_the_total_over_simulated_time() -> None:
    energy = METER.measure(run(hart(850, {Kind.ALU: 850})))
    assert math.isclose(energy.average_watts, energy.total_joules / 2e-6)
    assert energy.operating_point is LOW


def test_a_higher_voltage_costs_its_square_and_makes_every_figure_an_estimate() -> None:
    statistics = run(hart(1000), ita={"q_macs": 1000})
    low, high = (EnergyMeter(TABLE, point).measure(statistics) for point in (LOW, HIGH))
    ratio = high.by_component["ita"] / low.by_component["ita"]
    assert math.isclose(ratio, (0.80 / 0.65) ** 2)
    assert low.figures["ita"] is Figure.CALIBRATED
    assert high.figures["ita"] is Figure.ESTIMATED


def test_a_component_is_only_as_good_as_the_weakest_line_that_it_is_charged_by() -> None:
    energy = METER.measure(run(hart(1000), ita={"q_macs": 5}))
    waited = METER.measure(run(hart(1000), ita={"q_macs": 5, "busy_cycles": 5}))
    assert energy.figures["ita"] is Figure.CALIBRATED
    assert waited.figures["ita"] is Figure.ESTIMATED
    assert energy.figures["cores"] is Figure.CALIBRATED
    assert energy.figures["dma"] is Figure.EXACT
    assert energy.figure is Figure.ESTIMATED


def test_plugins_price_what_the_table_does_not() -> None:
    meter = EnergyMeter(TABLE, LOW, {"radio.packets": 50.0, "mchan.bytes": 1e6})
    plain = METER.measure(run(hart(10), mchan={"bytes": 8}))
    energy = meter.measure(run(hart(10), radio={"packets": 4}, mchan={"bytes": 8}))
    assert math.isclose(energy.by_component["radio"], 200e-12)
    assert energy.figures["radio"] is Figure.ESTIMATED
    assert energy.by_component["dma"] == plain.by_component["dma"]


@pytest.mark.parametrize(
    "extra",
    [{"bytes": 1.0}, {".bytes": 1.0}, {"dma.": 1.0}, {"dma.bytes": -1.0}, {"dma.bytes": math.nan}],
)
def test_a_plugin_price_that_is_none_is_refused(extra: dict[str, float]) -> None:
    with pytest.raises(PluginError, match="vplat_energy_costs") as caught:
        EnergyMeter(TABLE, LOW, extra)
    assert repr(next(iter(extra))) in str(caught.value)


def test_a_device_whose_work_nothing_prices_is_named() -> None:
    statistics = run(hart(10), radio={"packets": 4}, beacon={}, mchan={"bursts": 2})
    assert METER.measure(statistics).unpriced == ("radio",)


amounts = st.integers(0, 10**12)
mixes = st.dictionaries(st.sampled_from(list(InstructionClass)), amounts)
works = st.dictionaries(st.sampled_from(["q_macs", "busy_cycles", "tcdm_reads", "jobs"]), amounts)
points = st.sampled_from([LOW, HIGH])


@given(mixes, works, amounts, amounts, st.data())
def test_more_of_anything_never_costs_less(
    mix: dict[Kind, int],
    work: dict[str, int],
    active: int,
    slept: int,
    data: st.DataObject,
) -> None:
    meter = EnergyMeter(TABLE, data.draw(points))
    less = meter.measure(run(hart(active + slept, mix, active=active), ita=work))
    more_mix = {kind: count + data.draw(amounts) for kind, count in mix.items()}
    more_work = {name: count + data.draw(amounts) for name, count in work.items()}
    longer, awake = data.draw(amounts), data.draw(amounts)
    more = meter.measure(
        run(hart(active + slept + longer + awake, more_mix, active=active + awake), ita=more_work)
    )
    assert 0 <= less.total_joules <= more.total_joules
    for component, joules in less.by_component.items():
        assert 0 <= joules <= more.by_component[component]


@given(mixes, works, st.integers(0, 10**9))
def test_two_runs_cost_together_what_each_of_them_costs(
    mix: dict[Kind, int], work: dict[str, int], cycles: int
) -> None:
    once = METER.measure(run(hart(cycles, mix), ita=work)).total_joules
    twice = METER.measure(
        run(
            hart(2 * cycles, {kind: 2 * count for kind, count in mix.items()}),
            ita={name: 2 * count for name, count in work.items()},
        )
    ).total_joules
    assert math.isclose(twice, 2 * once)
