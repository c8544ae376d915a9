"""Settings: a file, the environment above it, and mistakes that are named without showing a secret."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.settings import Settings, SettingsError, read

EXAMPLE = Path(__file__).parents[2] / "config" / "schullotse.example.yaml"
SECRET = "geheim-0815"


def from_text(folder: Path, text: str, **environment: str) -> Settings:
    file = folder / "own.yaml"
    file.write_text(text, "utf-8")
    return read(file, environment)


def mistake(folder: Path, text: str = "", **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        from_text(folder, text, **environment)
    assert caught.value.__cause__ is None
    assert "pydantic" not in str(caught.value)
    return str(caught.value)


def test_nothing_needs_to_be_set() -> None:
    settings = read(None, {})

    assert settings == Settings()
    assert (settings.region, settings.database_url, settings.packs) == (None, None, ())
    assert settings.ops.port == 9090
    assert settings.web.host == "127.0.0.1"
    assert settings.telegram.mode == "polling"


def test_the_example_can_be_used_as_it_is() -> None:
    assert read(EXAMPLE, {}).region == "dortmund"


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert from_text(tmp_path, "# nothing yet\n") == Settings()


def test_the_file_is_read(tmp_path: Path) -> None:
    settings = from_text(tmp_path, "region: dortmund\npacks: [/srv/one, /srv/two]\nweb:\n  port: 8080\n")

    assert settings.region == "dortmund"
    assert settings.packs == (Path("/srv/one"), Path("/srv/two"))
    assert (settings.web.port, settings.web.host) == (8080, "127.0.0.1")


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("region: dortmund\n")

    assert read(None, {"SCHULLOTSE_CONFIG": str(tmp_path / "own.yaml")}).region == "dortmund"


def test_a_named_file_comes_before_that_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("region: herne\n")
    environment = {"SCHULLOTSE_CONFIG": str(tmp_path / "other.yaml")}

    assert from_text(tmp_path, "region: dortmund\n", **environment).region == "dortmund"


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = from_text(
        tmp_path,
        "region: dortmund\nweb: {host: 0.0.0.0, port: 8080}\n",
        SCHULLOTSE_REGION="herne",
        SCHULLOTSE_WEB__PORT="8081",
        SCHULLOTSE_PACKS="/srv/one, /srv/two,",
        SCHULLOTSE_TELEGRAM__BASE_URL="http://127.0.0.1:8081/bot",
        SCHULLOTSE_COORDINATORS__TELEGRAM="1,2",
        SCHULLOTSE_MATRIX__ALLOWED_SERVERS="example.org",
        SOMETHING_ELSE="x",
    )

    assert settings.region == "herne"
    assert (settings.web.host, settings.web.port) == ("0.0.0.0", 8081)  # noqa: S104 - read, not bound
    assert settings.packs == (Path("/srv/one"), Path("/srv/two"))
    assert settings.telegram.base_url == "http://127.0.0.1:8081/bot"
    assert settings.coordinators.telegram == ("1", "2")
    assert settings.matrix.allowed_servers == ("example.org",)


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("REGOIN", "region"),
        ("TELEGRAM_TOKEN", "telegram.token"),
        ("TELEGRAM__TOKN", "telegram.token"),
        ("DATABASE", "database_url"),
        ("MATRIX__HOME_SERVER", "matrix.homeserver"),
        ("WEB__PROT", "web.port"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path, key: str, nearest: str) -> None:
    from_environment = mistake(tmp_path, **{f"SCHULLOTSE_{key}": SECRET})

    assert f"SCHULLOTSE_{key}" in from_environment
    assert f"'{nearest}'" in from_environment
    assert SECRET not in from_environment


@pytest.mark.parametrize("port", ["70000", "-1", "eighty", "", "80.5"])
@pytest.mark.parametrize("section", ["WEB", "OPS"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, section: str, port: str) -> None:
    assert f"SCHULLOTSE_{section}__PORT" in mistake(tmp_path, **{f"SCHULLOTSE_{section}__PORT": port})


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    told = mistake(tmp_path, "regoin: dortmund\nweb: {port: many}\ntelegram: {mode: often}\n")

    assert len(told.splitlines()) == 3
    assert all(str(tmp_path / "own.yaml") in line for line in told.splitlines())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"region: dortmund\nsecret: [{SECRET}\n", 3),
        (f"region: dortmund\n\tsecret: {SECRET}\n", 2),
        (f"region: dortmund\nsecret: !!python/name:os.{SECRET} x\n", 2),
    ],
)
def test_broken_yaml_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    told = mistake(tmp_path, text)

    assert f"own.yaml:{line}:" in told
    assert SECRET not in told


@pytest.mark.parametrize("text", ["- region\n", "dortmund\n", "42\n", "1: 2\n", "telegram: yes\n", "packs: 3\n"])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    assert "own.yaml" in mistake(tmp_path, text)


def test_a_section_without_keys_sets_nothing(tmp_path: Path) -> None:
    assert from_text(tmp_path, "region: dortmund\ntelegram:\n#   token: later\n").telegram.token is None
    assert from_text(tmp_path, "telegram:\n", SCHULLOTSE_TELEGRAM__MODE="webhook").telegram.mode == "webhook"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(SettingsError, match=r"--config") as caught:
            read(path, {})
        assert str(path) in str(caught.value)
    (tmp_path / "bytes.yaml").write_bytes(b"region: \xff\xfe\n")
    with pytest.raises(SettingsError, match=r"bytes\.yaml"):
        read(tmp_path / "bytes.yaml", {})


def test_a_value_cannot_have_keys_below_it(tmp_path: Path) -> None:
    assert "SCHULLOTSE_REGION__NAME" in mistake(tmp_path, "region: dortmund\n", SCHULLOTSE_REGION__NAME="x")


@pytest.mark.parametrize(
    "name",
    ["SECRET", "TELEGRAM__TOKEN", "TELEGRAM__WEBHOOK_SECRET", "MATRIX__PASSWORD", "MATRIX__ACCESS_TOKEN"],
)
def test_a_secret_is_hidden_wherever_settings_are_shown(tmp_path: Path, name: str) -> None:
    settings = read(None, {f"SCHULLOTSE_{name}": SECRET})

    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert SECRET not in mistake(tmp_path, "web: {port: x}", **{f"SCHULLOTSE_{name}": SECRET})
    assert SECRET not in mistake(tmp_path, "", **{f"SCHULLOTSE_{name}__DEEPER": SECRET})


def test_the_password_in_a_database_address_is_hidden_too() -> None:
    settings = read(None, {"SCHULLOTSE_DATABASE_URL": f"postgresql://schullotse:{SECRET}@localhost/schullotse"})

    assert SECRET not in f"{settings!r} {settings}"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().region = "herne"


NAMES = [*Settings.model_fields, "token", "port", "x", ""]
keys = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(
    lambda parts: "SCHULLOTSE_" + "__".join(parts).upper()
)


@given(environment=st.dictionaries(keys, st.sampled_from(["", "1", "a,b", f"{SECRET}"]), max_size=4))
def test_any_environment_is_settings_or_a_sentence_without_its_values(environment: dict[str, str]) -> None:
    try:
        told = repr(read(None, environment).telegram)
    except SettingsError as error:
        told = str(error)

    assert SECRET not in told
