"""Pack folders as they stand on disk: which packs there are, what files each holds, who extends whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge import rows, schema
from knowledge.schema import nearest, typed
from knowledge.source import Document, Problem, read

SHIPPED = Path(__file__).parent / "packs"
FOLDERS = {"actors", "flows", "texts", "examples", "danger", "i18n"}
FILES = {
    "pack.yaml": schema.PackFile,
    "concerns.yaml": schema.ConcernsFile,
    "questions.yaml": schema.QuestionsFile,
    "answers.yaml": schema.AnswersFile,
    "referrals.yaml": schema.ReferralsFile,
    "dates.yaml": schema.DatesFile,
    "districts.yaml": schema.DistrictsFile,
    "words.yaml": schema.WordsFile,
    "plain.yaml": schema.PlainFile,
}


@dataclass(slots=True)
class Folder:
    """What one pack folder holds, before its parents are known."""

    id: str
    path: Path
    pack: schema.PackFile
    documents: dict[str, Document] = field(default_factory=dict)  # "actors/kub.yaml" → content
    problems: list[Problem] = field(default_factory=list)

    def within(self, folder: str) -> dict[str, Document]:
        """File stem → document of one sub-folder, in name order."""
        prefix = f"{folder}/"
        return {
            name.removeprefix(prefix).removesuffix(".yaml"): document
            for name, document in sorted(self.documents.items())
            if name.startswith(prefix) and "/" not in name.removeprefix(prefix)
        }


def folders(roots: Iterable[Path]) -> tuple[dict[str, Folder], list[Problem]]:
    """Every pack below *roots* by id. A later root may not redefine a pack of an earlier one."""
    found: dict[str, Folder] = {}
    problems: list[Problem] = []
    for root in roots:
        if not root.is_dir():
            problems.append(Problem(str(root), 1, "is not a folder; name a folder that holds packs"))
            continue
        candidates = (
            [root] if (root / "pack.yaml").is_file() else sorted(path for path in root.iterdir() if path.is_dir())
        )
        for path in candidates:
            if path.name.startswith((".", "_")):
                continue
            if path.name in found and found[path.name].path.resolve() != path.resolve():
                problems.append(
                    Problem(
                        f"{path.name}/pack.yaml", 1, f"pack '{path.name}' exists already in {found[path.name].path}"
                    )
                )
                continue
            folder = _folder(path)
            found[path.name] = folder
            problems.extend(folder.problems)
    return found, problems


def _folder(path: Path) -> Folder:
    folder = Folder(path.name, path, schema.PackFile(name=path.name))
    for file in sorted(path.rglob("*")):
        relative = file.relative_to(path).as_posix()
        if file.is_dir() or any(part.startswith((".", "_")) for part in file.relative_to(path).parts):
            continue  # hidden, or a form to be copied
        complaint = _misplaced(relative)
        if complaint:
            folder.problems.append(Problem(f"{path.name}/{relative}", 1, complaint))
            continue
        if relative.startswith(("examples/", "dialogues/")):
            continue  # read only when the search is fitted, and when they are replayed
        document, problems = _read(file, f"{path.name}/{relative}")
        folder.problems.extend(problems)
        if document:
            folder.documents[relative] = document
    if "pack.yaml" in folder.documents:
        document = folder.documents["pack.yaml"]
        pack, problems = typed(schema.PackFile, document.tree, document)
        folder.problems.extend(problems)
        folder.pack = pack or folder.pack
    elif not folder.problems:
        folder.problems.append(
            Problem(f"{path.name}/pack.yaml", 1, "is missing; every pack has one, with at least 'name'")
        )
    return folder


def _read(file: Path, name: str) -> tuple[Document | None, list[Problem]]:
    if file.name == rows.FILE:
        return read(file, name, parser=rows.parse, limit=rows.MAX_BYTES)
    return read(file, name)


def _misplaced(relative: str) -> str:
    """Why a file of this name does not belong into a pack, or nothing."""
    parts = relative.split("/")
    if parts[0] == "dialogues":
        return "" if relative.endswith(".txt") else "is not a .txt file; dialogues are plain text"
    if relative == rows.FILE:
        return ""
    if not relative.endswith(".yaml"):
        return f"is not a .yaml file; packs hold nothing else but {rows.FILE}"
    if len(parts) == 1:
        return "" if parts[0] in FILES else f"is not a file of a pack{nearest(parts[0], FILES)}"
    if parts[0] not in FOLDERS:
        return f"stands in the unknown folder '{parts[0]}'{nearest(parts[0], {*FOLDERS, 'dialogues'})}"
    return ""


def chain(folders_by_id: Mapping[str, Folder], leaf: str) -> tuple[list[Folder], list[Problem]]:
    """*leaf* and its parents, root first."""
    result: list[Folder] = []
    current = leaf
    while current:
        folder = folders_by_id.get(current)
        if folder is None or folder in result:
            child = result[-1].id
            what = "extends itself in a circle" if folder else f"extends the unknown pack '{current}'"
            line = result[-1].documents["pack.yaml"].line(("extends",))
            return [], [Problem(f"{child}/pack.yaml", line, what + nearest(current, folders_by_id))]
        result.append(folder)
        current = folder.pack.extends
    return result[::-1], []
