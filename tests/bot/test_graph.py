"""Guidelines as drawings: every node and every word of it is there, in each format."""

import re
from xml.etree import ElementTree as ET

import pytest

from bot.graph import FORMATS, draw, edges, text_of
from knowledge.folders import SHIPPED
from knowledge.model import Pack
from tests.home import Home

FLOWS = sorted(path.stem for path in SHIPPED.glob("*/flows/*.yaml"))
NAMESPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("flow_id", FLOWS)
def test_every_node_and_edge_is_drawn_in_text(pack: Pack, flow_id: str) -> None:
    flow = pack.flows[flow_id]
    mermaid, dot = draw(flow, "mermaid"), draw(flow, "dot")
    arrows = len(list(edges(flow)))

    for node in flow.nodes:
        assert re.search(rf"^    n_{node.replace('-', '_')}[{{(]", mermaid, re.MULTILINE)
        assert f'  "{node}" [' in dot
    assert mermaid.count(" -->|") == dot.count('" -> "') == arrows
    assert mermaid.startswith("flowchart TD\n")
    assert (dot.startswith("digraph"), dot.rstrip().endswith("}")) == (True, True)


@pytest.mark.parametrize("flow_id", FLOWS)
def test_the_picture_holds_every_node_with_all_its_words(pack: Pack, flow_id: str) -> None:
    flow = pack.flows[flow_id]
    picture = ET.fromstring(draw(flow, "svg"))  # noqa: S314 - our own picture
    texts = [squeezed("".join(text.itertext())) for text in picture.iter(f"{NAMESPACE}text")]
    boxes = [box for box in picture.iter(f"{NAMESPACE}rect") if box.get("rx")]
    arrows = [path for path in picture.iter(f"{NAMESPACE}path") if path.get("marker-end")]
    width, height = int(picture.get("width", "")), int(picture.get("height", ""))

    assert (len(boxes), len(arrows)) == (len(flow.nodes), len(list(edges(flow))))
    assert [node.id for node in flow.nodes.values() if squeezed(text_of(node)) not in texts] == []
    assert [label for _, _, label in edges(flow) if squeezed(label) not in texts] == []
    for box in boxes:
        x, y, wide, high = (int(box.get(name, "")) for name in ("x", "y", "width", "height"))
        assert (x >= 0, y >= 0, x + wide <= width, y + high <= height) == (True, True, True, True)


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_prints_or_writes_the_drawing(home: Home, pack: Pack, form: str) -> None:
    printed = home.invoke("graph", "eltern", "--format", form)
    written = home.invoke("graph", "eltern", "--format", form, "-o", "drawing")

    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert printed.stdout == (home.folder / "drawing").read_text("utf-8") == draw(pack.flows["eltern"], form)


def squeezed(text: str) -> str:
    """The letters alone: where lines break does not matter."""
    return re.sub(r"\s+", "", text)
