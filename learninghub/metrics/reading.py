"""Figures that are looked up when somebody asks, instead of being counted as things happen."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from learninghub.metrics.definitions import REGISTRY, Definition

Row = tuple[Any, ...]  # the label's values in their order, then the figure


class _Looked(Collector):
    def __init__(self, definition: Definition, rows: Callable[[], Iterable[Row]]) -> None:
        self._definition = definition
        self._rows = rows

    def describe(self) -> Iterable[Any]:
        return ()

    def collect(self) -> Iterator[Any]:
        family = CounterMetricFamily if self._definition.name.endswith("_total") else GaugeMetricFamily
        found = family(self._definition.name, self._definition.meaning, labels=self._definition.labels)
        for *labels, figure in self._rows():
            found.add_metric([str(label) for label in labels], float(figure))
        yield found


def add(definition: Definition, rows: Callable[[], Iterable[Row]]) -> None:
    """Shows the metric on this process's page: `rows` is called for each page, quickly and without an error."""
    REGISTRY.register(_Looked(definition, rows))
