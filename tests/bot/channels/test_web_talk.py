"""The conversation through the web door, without a browser: forms, reloads, deep links, and what is left behind."""

import asyncio

import pytest

from bot.channels.web.again import MOST, Again
from config.settings import Web
from handlers import Conversation
from handlers.dialogue import Rated, Referred, Reply
from knowledge.base import Knowledge
from tests.web_door import Visitor, door

XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}{% raw %}"


async def test_a_page_that_is_only_looked_at_leaves_nothing_behind(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)

    for path in ("/", "/?anliegen=schulangst&wer=parent", "/?sprache=tr", "/stelle/kub", "/leitfaden/eltern"):
        await visitor.look(path)
        assert visitor.response.status_code == 200

    assert answer.asked == []


async def test_the_first_form_tells_what_the_first_page_showed(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)

    await visitor.look("/?anliegen=schulangst")
    page = await visitor.press("as/parent")

    assert [incoming.press for incoming in answer.asked] == ["c/schulangst", "as/parent"]
    assert "Angst vor der Schule" in page.text
    assert "Guten Tag" not in page.text
    assert len({incoming.chat for incoming in answer.asked}) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/?anliegen=schulangst&wer=parent", "Ihr Anliegen: Angst vor der Schule"),
        ("/?anliegen=schulangst&wer=student", "Dein Anliegen: Angst vor der Schule"),
        ("/?anliegen=schulangst", "Wer fragt?"),
        ("/?wer=teacher", "Worum geht es?"),
        ("/?sprache=en", "Who is asking?"),
        ("/?stadt=dortmund", "Schullotse Dortmund"),
        ("/?anliegen=unsinn&stadt=atlantis&wer=niemand&sprache=xx", "Wer fragt?"),
    ],
)
async def test_a_deep_link_begins_where_it_says(knowledge: Knowledge, path: str, said: str) -> None:
    visitor = Visitor(door(knowledge)[0])

    page = await visitor.look(path)

    assert said in page.text
    assert "112" in page.text


async def test_a_link_into_a_city_begins_in_that_city(knowledge: Knowledge) -> None:
    app, answer = door(knowledge, start=Conversation())
    visitor = Visitor(app)

    await visitor.look("/?stadt=dortmund")
    await visitor.press("as/teacher")

    assert [incoming.press for incoming in answer.asked] == ["in/dortmund", "do/start", "as/teacher"]


async def test_a_card_leads_to_the_page_of_its_own_city(knowledge: Knowledge) -> None:
    for region in knowledge.regions:
        visitor = Visitor(door(knowledge, start=Conversation())[0])
        await visitor.look(f"/?stadt={region}")
        await visitor.press("as/parent")
        page = await visitor.send(press="c/schulangst")
        links = [link for link in page.links if link.startswith("/stelle/")]

        assert links
        assert all(f"stadt={region}" in link for link in links)
        assert (await visitor.client.get(links[-1])).status_code == 200


async def test_the_city_is_asked_where_none_is_set(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge, start=Conversation())[0])

    page = await visitor.look()

    assert {value.partition(" ")[0] for value in page.offered} == {f"in/{region}" for region in knowledge.regions}


async def test_the_language_of_the_browser_is_the_first_one(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0], **{"Accept-Language": "fr-FR,tr-TR;q=0.8,de;q=0.5"})

    page = await visitor.look()

    assert page.lang == "tr"


async def test_whoever_writes_another_language_gets_the_page_in_it(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])

    await visitor.look()
    page = await visitor.write("طفلي يخاف من المدرسة")

    assert page.lang == "ar"
    assert "أنا برنامج حاسوب" in page.text  # the greeting that was read in German
    assert '<html lang="ar" dir="rtl">' in page.source
    assert "مغادرة الصفحة بسرعة" in page.text


async def test_a_chosen_language_stays_until_another_is_chosen(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])

    await visitor.look("/?sprache=de")
    page = await visitor.write("طفلي يخاف من المدرسة")
    assert page.lang == "de"
    assert (await visitor.press("lang/ar")).lang == "ar"


async def test_nobody_reads_the_same_greeting_twice(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])

    first = await visitor.look()
    written = await visitor.write("Mein Kind hat Angst vor der Schule")

    assert "Computerprogramm" in first.text
    assert "Computerprogramm" not in written.text


async def test_a_reloaded_answer_is_the_same_and_counts_once(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)
    await visitor.look()
    await visitor.press("as/parent")

    first = await visitor.write("Mein Kind hat Angst vor der Schule")
    again = await visitor.reload()
    await visitor.press("helped/no")
    await visitor.reload()
    await visitor.reload()

    assert again.words == first.words
    assert sum(isinstance(event, Referred) for event in answer.events) == 1
    assert sum(isinstance(event, Rated) for event in answer.events) == 1


async def test_the_same_words_written_twice_are_two_messages(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)
    await visitor.look()

    await visitor.write("hallo")
    await visitor.write("hallo")

    assert [incoming.text for incoming in answer.asked if incoming.press is None] == ["hallo", "hallo"]


async def test_another_button_of_an_old_page_is_a_new_message(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)
    old = await visitor.look()
    await visitor.press("as/parent")
    visitor.page = old

    await visitor.press("as/teacher")

    assert answer.asked[-1].press == "as/teacher"


async def test_a_double_click_is_answered_once_even_while_the_answer_is_made() -> None:
    asked = []
    release = asyncio.Event()
    again = Again(lambda: 0.0)

    async def ask() -> tuple[Reply, ...]:
        asked.append(1)
        await release.wait()
        return (Reply("ja"),)

    async with asyncio.TaskGroup() as group:
        one = group.create_task(again.once("chat", "x", ask))
        two = group.create_task(again.once("chat", "x", ask))
        await asyncio.sleep(0)
        release.set()

    assert one.result() == two.result() == (Reply("ja"),)
    assert asked == [1]


async def test_who_waits_for_an_answer_that_fails_asks_anew() -> None:
    asked = []
    again = Again(lambda: 0.0)

    async def ask() -> tuple[Reply, ...]:
        asked.append(1)
        await asyncio.sleep(0)
        if len(asked) == 1:
            raise OSError("gone")
        return (Reply("ja"),)

    results = await asyncio.gather(*(again.once("chat", "x", ask) for _ in range(2)), return_exceptions=True)

    assert isinstance(results[0], OSError)
    assert results[1] == (Reply("ja"),)


async def test_no_more_answers_are_kept_than_fit_into_memory() -> None:
    again = Again(lambda: 0.0)

    async def ask() -> tuple[Reply, ...]:
        return ()

    for number in range(MOST + 5):
        await again.once(str(number), "x", ask)

    assert len(again._last) == MOST


async def test_what_was_answered_is_forgotten_after_ten_minutes_and_a_failure_at_once() -> None:
    now, asked = [0.0], []
    again = Again(lambda: now[0])

    async def ask() -> tuple[Reply, ...]:
        asked.append(1)
        if len(asked) == 1:
            raise OSError("gone")
        return ()

    with pytest.raises(OSError, match="gone"):
        await again.once("chat", "x", ask)
    await again.once("chat", "x", ask)
    await again.once("chat", "x", ask)
    now[0] = 601.0
    await again.once("other", "y", ask)

    assert len(asked) == 3
    assert list(again._last) == ["other"]


async def test_words_are_shown_back_as_words(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()

    page = await visitor.write(XSS)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.source
    assert page.source.count("<script") == 1
    assert "<img src=x" not in page.source

    page = await visitor.send(press=f"as/parent {XSS}")
    assert page.source.count("<script") == 1
    assert "<img src=x" not in page.source


async def test_no_field_of_a_form_becomes_markup(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()

    for field in ("token", "nr", "sprache", "stadt", "wer", "anfang", "press", "text"):
        page = await visitor.send(**{field: f'"><script>{field}</script>'})
        assert visitor.response.status_code == 200
        assert page.source.count("<script") == 1


@pytest.mark.parametrize("press", ["in/nirgends", "as/niemand", "k/x", "lang/xx", "a/b/c/d", "/", "", "in/", "\ud800"])
async def test_a_press_that_nobody_offered_leads_back(knowledge: Knowledge, press: str) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()
    await visitor.press("as/parent")

    page = await visitor.send(press=press.encode("utf-8", "replace").decode())

    assert visitor.response.status_code == 200
    assert page.offered


async def test_invisible_letters_are_not_shown_back(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()

    page = await visitor.write("hal\u202elo\x00 \u200bdu")

    assert "hallo du" in page.text


async def test_what_is_written_never_stands_in_an_address(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()
    token = visitor.page.fields["token"]

    page = await visitor.write("Kanarienvogel")

    assert "Kanarienvogel" in page.text
    assert str(visitor.response.url) == "http://door.test/"
    assert not visitor.response.history
    assert not [link for link in page.links if "Kanarienvogel" in link or token in link]


async def test_nobody_shares_a_token_and_a_broken_one_begins_anew(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)
    tokens = {(await visitor.look()).fields["token"] for _ in range(20)}

    page = await visitor.send(token="mine", text="hallo")

    assert len(tokens) == 20
    assert all(len(token) == 32 for token in tokens)
    assert len(page.fields["token"]) == 32
    assert answer.asked[-1].chat == page.fields["token"]


async def test_two_visits_have_nothing_in_common_but_what_all_have(knowledge: Knowledge) -> None:
    first, second = (Visitor(door(knowledge)[0]) for _ in range(2))

    pages = [(await visitor.look(), dict(visitor.response.headers)) for visitor in (first, second)]

    changing = [set(page.fields.values()) - {"", "de", "dortmund", "do/start"} for page, _ in pages]
    assert changing[0].isdisjoint(changing[1])
    assert pages[0][1] == pages[1][1]
    assert "set-cookie" not in pages[0][1]


async def test_danger_shows_the_help_numbers_first_as_links_to_call(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()

    page = await visitor.write("ich will nicht mehr leben")

    turn = page.source.partition('id="antwort"')[2]
    assert turn.index('class="reply alarm"') < turn.index('href="tel:112"') < turn.index('href="tel:110"')
    assert 'href="tel:116111"' in turn
    assert 'href="tel:+49-800-1110111"' in turn


async def test_a_help_number_is_one_button_also_where_its_name_repeats_it(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()

    page = await visitor.write("artık yaşamak istemiyorum")

    alarm = page.source.partition('<ul class="lines">')[2].partition("</ul>")[0]
    assert "(112)" in alarm
    assert alarm.count('href="tel:112"') == 1
    assert alarm.count("<a ") == alarm.count("<li>")


async def test_a_shared_card_does_not_tell_what_somebody_wrote(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()
    await visitor.press("as/parent")

    page = await visitor.write("Mein Kind hat Angst vor der Schule")

    [mail] = {link for link in page.links if link.startswith("mailto:?")}
    assert "Entscheidend" in page.source
    assert "Entscheidend" not in mail
    assert "Warum" not in mail
    assert "So%20fangen%20Sie%20an" in mail


async def test_every_answer_carries_the_way_out_and_112(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge, settings=Web(exit_url="https://wetter.example/"))[0])

    for page in (await visitor.look(), await visitor.press("as/student"), await visitor.write("Bahnhof")):
        assert "https://wetter.example" in page.links
        assert "tel:112" in page.links
