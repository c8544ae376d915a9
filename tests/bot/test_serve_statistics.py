"""`/statistik` on Telegram with the real command: for those on the list, and for nobody else."""

import sqlite3
from contextlib import closing

from tests.bot.test_serve import on_telegram
from tests.home import Home

COORDINATOR, OTHER, ANYBODY = 4711, 4712, 4713


def counted(home: Home) -> int:
    with closing(sqlite3.connect(home.database)) as database:
        return int(database.execute("SELECT coalesce(sum(n), 0) FROM tally WHERE channel = 'telegram'").fetchone()[0])


async def test_a_coordinator_gets_the_statistics_and_for_others_the_word_means_nothing(home: Home) -> None:
    made = home.invoke("demo-data", "--size", "small", "--region", "dortmund", "--db", home.url)
    assert made.exit_code == 0, made.output
    async with on_telegram(home, COORDINATORS__TELEGRAM=f"17, {COORDINATOR}") as (server, _, _):
        coordinator, other, anybody = (server.person(identity=each) for each in (COORDINATOR, OTHER, ANYBODY))
        coordinator.says("/statistik")
        heard = [await coordinator.hears(30) for _ in range(4)]
        before = counted(home)
        other.says("/statistik")
        anybody.says("statistik")
        same = [(await person.hears(30)).raw for person in (other, anybody)]

    assert heard[0].text.startswith("Beispieldaten.")
    assert "Dortmund" in heard[0].text
    assert "photo" in heard[1].raw
    assert [each.raw["document"]["file_name"].rpartition(".")[2] for each in heard[2:]] == ["csv", "xlsx"]
    assert before == 0
    assert same[0]["text"] == same[1]["text"]
    assert "Beispieldaten" not in same[0]["text"]
    assert other.chat.news.empty()
