"""Good extracts become registers: every file, inclusive ends, pseudonyms, reuse, the open mvad data."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from stdnum import luhn

from kaa_analysis.core.errors import ExtractError, ParameterError
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.ingest.column_names import sensitive_kind, shown
from kaa_analysis.ingest.convert import convert
from kaa_analysis.ingest.extract import add_extract, open_extract
from kaa_analysis.ingest.identity import identity_days, identity_findings, identity_sexes, pseudonym
from kaa_analysis.ingest.layout_files import layout_bytes, layout_names, parse_layout, read_layout
from kaa_analysis.ingest.register_reader import read_register
from kaa_analysis.ingest.row_checks import findings, identity_flags, kept_rows
from kaa_analysis.schema.law_rules import LawRules
from kaa_analysis.schema.tables import table_schema, tables
from kaa_analysis.store.register import open_register

DATA = Path(__file__).parents[1] / "data"
SMALL = sorted((DATA / "ber_small").iterdir())
MVAD = [DATA / "mvad_spells.csv"]
PUBLISHED_TEST_NUMBERS = ["189001019802", "189001029819", "189002289800", "189012219367"]
"""Test numbers that Skatteverket publishes; they are never given to anyone."""
PUBLISHED_COORDINATION_NUMBER = "202309622385"


def with_check_digit(eleven_digits: str) -> str:
    return eleven_digits + luhn.calc_check_digit(eleven_digits[2:])


@pytest.fixture
def secure(tmp_path) -> SecureFolder:
    return SecureFolder(tmp_path / "secure")


def small_register(secure: SecureFolder, **options):
    add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure)
    return read_register("small", secure=secure, **options)


def mvad_register(secure: SecureFolder):
    add_extract("mvad", layout="mvad", files=MVAD, extract_date=date(1999, 7, 1), secure=secure)
    return read_register("mvad", secure=secure)


def test_every_row_of_a_good_extract_is_in_the_register(secure):
    register = small_register(secure)
    assert register.row_counts == dict.fromkeys(tables(), 0) | {
        "persons": 20,
        "residence": 25,
        "schooling": 21,
        "credentials": 20,
        "registrations": 22,
        "contacts": 20,
        "interventions": 20,
    }
    assert (register.name, register.layout, register.extract_date, register.rules) == (
        "small", "ber_demo", date(2025, 1, 31), LawRules.APPLIED,
    )  # fmt: skip
    assert register.accepted_problem_rows == 0
    assert register.findings == {"overlapping_registrations": 1}


def test_the_last_day_of_the_source_becomes_the_first_day_outside(secure):
    registrations = small_register(secure).table(
        "registrations", columns=["spell", "entry_date", "exit_date", "exit_reason"]
    )
    ended_2024_01 = registrations[registrations["entry_date"] == "2023-03-01"]
    expected = pd.DataFrame(
        {
            "spell": pd.array([1], dtype="Int64"),
            "entry_date": pd.to_datetime(["2023-03-01"]).astype("datetime64[us]"),
            "exit_date": pd.to_datetime(["2024-02-01"]).astype("datetime64[us]"),
            "exit_reason": pd.array(["other"], dtype="string"),
        }
    )
    pd.testing.assert_frame_equal(ended_2024_01.reset_index(drop=True), expected)


def test_a_period_of_one_day_lasts_one_day(secure):
    registrations = small_register(secure).table("registrations")
    misregistered = registrations[registrations["exit_reason"] == "misregistered"]
    assert list(misregistered["exit_date"] - misregistered["entry_date"]) == [pd.Timedelta(days=1)]


def test_one_persons_rows_are_converted_whole(secure):
    contacts = small_register(secure).table("contacts")
    home_visit = contacts[contacts["channel"] == "home_visit"].drop(columns="person_id").reset_index(drop=True)
    no_day = pd.to_datetime([None]).astype("datetime64[us]")
    expected = pd.DataFrame(
        {
            "contact": pd.array([7], dtype="Int64"),
            "date": pd.to_datetime(["2022-11-03"]).astype("datetime64[us]"),
            "direction": pd.array(["outgoing"], dtype="string"),
            "channel": pd.array(["home_visit"], dtype="string"),
            "campaign": pd.array([None], dtype="string"),
            "staff_count": pd.array([2], dtype="Int64"),
            "planned_visit_date": no_day,
            "outcome": pd.array(["reached"], dtype="string"),
            "responded_date": no_day,
            "responded_by": pd.array([None], dtype="string"),
        }
    )
    pd.testing.assert_frame_equal(home_visit, expected)


def test_two_keys_give_other_pseudonyms_and_the_same_everything_else(tmp_path):
    first, second = (small_register(SecureFolder(tmp_path / place)) for place in ("one", "two"))
    assert first.folder.name != second.folder.name
    assert not set(first.table("persons")["person_id"]) & set(second.table("persons")["person_id"])
    facts = ("row_counts", "findings", "extract_hash", "accepted_problem_rows")
    assert [getattr(first, fact) for fact in facts] == [getattr(second, fact) for fact in facts]
    for name in tables():
        without = [
            register.table(name)
            .drop(columns="person_id", errors="ignore")
            .astype("string")
            .fillna("")
            .to_numpy()
            .tolist()
            for register in (first, second)
        ]
        assert sorted(without[0]) == sorted(without[1])


def test_the_internal_tables_tell_the_line_of_each_person_and_no_identity(secure):
    register = small_register(secure)
    lines = register.table("person_lines").sort_values("line", ignore_index=True)
    assert list(lines["line"]) == list(range(2, 22))
    assert set(lines["file"]) == {"personer.csv"}
    assert set(lines["person_id"]) == set(register.table("persons")["person_id"])
    assert register.table("identity_flags").empty
    assert (register.identity_kind, register.problem_counts) == ("synthetic", {})


def test_each_flag_of_an_identity_is_a_row_of_its_person():
    numbers = [*PUBLISHED_TEST_NUMBERS[:3], PUBLISHED_COORDINATION_NUMBER]
    persons = pd.DataFrame(
        {
            "person_id": numbers,
            "sex": ["female", "female", "female", "female"],
            "birth_date": pd.to_datetime(["1890-01-01", "1890-01-02", None, "2023-09-03"]),
        }
    )
    flags = identity_flags(persons)
    assert list(zip(flags["person_id"], flags["flag"], strict=True)) == [
        (PUBLISHED_TEST_NUMBERS[1], "sex_differs"),
        (PUBLISHED_COORDINATION_NUMBER, "birth_date_differs"),
        (PUBLISHED_COORDINATION_NUMBER, "coordination_number"),
    ]


def test_a_source_of_record_numbers_has_lines_and_no_flags(secure):
    register = mvad_register(secure)
    assert set(register.table("person_lines")["file"]) == {"mvad_spells.csv"}
    assert (len(register.table("person_lines")), len(register.table("identity_flags"))) == (342, 0)
    assert register.identity_kind == "record_number"


def test_an_internal_table_that_was_changed_breaks_the_register(secure):
    register = small_register(secure)
    (register.folder / "identity_flags.parquet").write_bytes(b"annat")
    with pytest.raises(ExtractError, match="oförändrade"):
        open_register(register.folder)


def test_no_layout_can_feed_an_internal_table():
    layout = changed_layout(lambda record: record["files"]["skolor.csv"]["feeds"][0].update(table="identity_flags"))
    with pytest.raises(ParameterError) as caught:
        parse_layout(layout)
    assert "skolor.csv, identity_flags: okänd tabell" in caught.value.found[0]


def test_the_record_number_of_the_source_is_kept_and_longer_ones_are_problems(tmp_path, secure):
    files = []
    for path in SMALL:
        lines = path.read_text(encoding="utf-8").splitlines()
        if path.name == "personer.csv":
            numbers = ["REGISTERNUMMER", "200681012480", *(str(number) for number in range(7, 26))]
            lines = [f"{line};{number}" for line, number in zip(lines, numbers, strict=True)]
        files.append(tmp_path / path.name)
        files[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    add_extract("nummer", layout="ber_demo", files=files, extract_date=None, secure=secure)
    register = read_register("nummer", secure=secure, accept_problem_rows=20)
    assert sorted(register.table("persons")["record_number"], key=int) == [str(number) for number in range(7, 26)]
    assert register.problem_counts["OGILTIG_FORM"] == 1


def test_no_identity_is_in_any_file_of_the_register(secure):
    register = small_register(secure)
    identities = [
        line.split(";")[0].encode() for line in (DATA / "ber_small" / "personer.csv").read_text().splitlines()[1:]
    ]
    content = b"".join(path.read_bytes() for path in register.folder.iterdir())
    assert len(identities) == 20
    assert not [identity for identity in identities if identity in content]
    for name in tables():
        values = " ".join(register.table(name).astype("string").fillna("").to_numpy().ravel())
        assert not [identity for identity in identities if identity.decode() in values]


def test_an_unchanged_extract_is_opened_and_not_read_again(secure):
    first = small_register(secure)
    told = []
    again = read_register("small", secure=secure, progress=told.append)
    assert told == ['Registret "small" är redan inläst och oförändrat.']
    assert vars(again) | {"answers": None} == vars(first) | {"answers": None}


def test_a_damaged_register_is_read_again(secure):
    first = small_register(secure)
    (first.folder / "persons.parquet").write_bytes(b"")
    again = read_register("small", secure=secure)
    assert again.folder == first.folder
    assert len(again.table("persons")) == 20


def test_another_key_reads_again_into_another_folder(secure):
    first = small_register(secure)
    (secure.path / "keys" / "pseudonym.key").write_bytes(b"k" * 32)
    assert read_register("small", secure=secure).folder != first.folder


def test_progress_is_told_in_swedish_without_values(secure):
    told = []
    small_register(secure, progress=told.append)
    assert told == [
        "Läste personer.csv: 20 rader.",
        "Läste folkbokforing.csv: 25 rader.",
        "Läste skolgang.csv: 21 rader.",
        "Läste bevis.csv: 20 rader.",
        "Läste kaa.csv: 22 rader.",
        "Läste kontakter.csv: 20 rader.",
        "Läste insatser.csv: 20 rader.",
        "Läste leverans.csv: 7 rader.",
        "Att se över: KAA-perioder som överlappar nästa period – 1 rad.",
        "Registret är inläst: 148 rader i tabellerna.",
    ]


def test_every_mvad_spell_becomes_a_registration(secure):
    register = mvad_register(secure)
    registrations = register.table("registrations")
    assert register.row_counts == dict.fromkeys(tables(), 0) | {"persons": 342, "registrations": 507}
    assert registrations["exit_reason"].fillna("still registered").value_counts().to_dict() == {
        "employment": 182,
        "education": 168,
        "still registered": 93,
        "training": 64,
    }
    assert (registrations["exit_date"].isna() == registrations["exit_reason"].isna()).all()
    assert (register.rules, register.is_kaa, register.follows_law) == (LawRules.ANOTHER_LAW, False, False)


def test_mvad_durations_are_those_of_the_source(secure):
    registrations = mvad_register(secure).table("registrations")
    source = pd.read_csv(MVAD[0])
    ended = source[source["status"] != 0]
    days = (registrations["exit_date"] - registrations["entry_date"]).dt.days.dropna()
    assert sorted(days.astype(int)) == sorted(
        (pd.to_datetime(ended["stop_date"]) - pd.to_datetime(ended["start_date"])).dt.days
    )


def test_mvad_persons_have_a_sex_and_nothing_else(secure):
    persons = mvad_register(secure).table("persons").drop(columns="person_id")
    assert (
        persons["sex"].value_counts().to_dict()
        == pd.read_csv(MVAD[0]).drop_duplicates("id")["male"].map({0: "female", 1: "male"}).value_counts().to_dict()
    )
    assert persons.drop(columns="sex").isna().all(axis=None)


def test_a_spell_of_mvad_is_known_by_id_and_spell_all():
    source = pd.read_csv(MVAD[0])
    assert not source.duplicated(["id", "spell_all"]).any()
    by_person = source.groupby("id")["spell_all"]
    assert (by_person.min() == 1).all()
    assert (by_person.max() == by_person.size()).all()


def test_adding_the_same_extract_twice_changes_nothing(secure):
    folder = add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure)
    before = open_extract("small", secure=secure)
    assert add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure) == folder
    assert open_extract("small", secure=secure) == before
    assert [path.name for path in secure.extracts.iterdir()] == ["small"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_another_extract_of_the_same_name_is_refused_and_the_first_is_kept(secure):
    folder = add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure)
    with pytest.raises(ExtractError) as caught:
        add_extract("small", layout="ber_demo", files=SMALL[:3], extract_date=None, secure=secure)
    assert caught.value.expected == 'Det finns redan ett annat uttag med namnet "small".'
    assert len(list(folder.iterdir())) == len(SMALL) + 1
    assert [path.name for path in secure.extracts.iterdir()] == ["small"]


def test_an_extract_needs_its_day_where_no_delivery_note_tells_it(secure):
    with pytest.raises(ExtractError) as caught:
        add_extract("mvad", layout="mvad", files=MVAD, extract_date=None, secure=secure)
    assert caught.value.expected == 'Layouten "mvad" har ingen leveransfil; uttagsdagen ska anges.'


@pytest.mark.parametrize("name", ["", "../ute", "Stora", "a/b", "x" * 41])
def test_a_name_that_could_point_elsewhere_is_refused(secure, name):
    with pytest.raises(ExtractError) as caught:
        read_register(name, secure=secure)
    assert caught.value.action == "välj ett annat namn"


def test_a_missing_extract_is_told_with_the_commands_that_make_one(secure):
    add_extract("small", layout="ber_demo", files=SMALL, extract_date=None, secure=secure)
    with pytest.raises(ExtractError) as caught:
        read_register("smal", secure=secure)
    assert caught.value.message() == (
        'Uttaget "smal" finns inte i den säkra mappen (menade du "small"?).\n'
        'Gör så här: hämta in ett uttag med "kaa extract", eller gör demonstrationsregistret med "kaa synth demo"'
    )


def test_files_that_do_not_exist_are_told(secure):
    with pytest.raises(ExtractError) as caught:
        add_extract(
            "x", layout="ber_demo", files=[DATA / "borta.csv", *SMALL, SMALL[0]], extract_date=None, secure=secure
        )
    assert caught.value.found == ("borta.csv finns inte eller är ingen fil", "bevis.csv anges flera gånger")


@pytest.mark.parametrize("number", PUBLISHED_TEST_NUMBERS)
def test_published_test_numbers_are_possible_personnummer_and_refused_as_synthetic(number):
    assert list(identity_findings([number], kind="personnummer")) == ["possible"]
    assert list(identity_findings([number], kind="synthetic")) == ["not_synthetic"]


def test_sex_and_day_are_read_from_published_test_numbers():
    assert list(identity_sexes(PUBLISHED_TEST_NUMBERS)) == ["female", "male", "female", "female"]
    assert identity_days(["189002289800"]).tolist() == [date(1890, 2, 28)]


@pytest.mark.parametrize(
    ("identity", "kind", "finding"),
    [
        (with_check_digit("20068101001"), "synthetic", "possible"),
        (with_check_digit("20068101001"), "personnummer", "synthetic"),
        (with_check_digit("20088229001"), "synthetic", "possible"),
        (with_check_digit("20068229001"), "synthetic", "date"),
        (with_check_digit("20069301001"), "synthetic", "date"),
        (with_check_digit("20068151001"), "synthetic", "date"),
        (with_check_digit("20068192001"), "synthetic", "date"),
        (with_check_digit("20069361001"), "synthetic", "date"),
        (with_check_digit("20068161001"), "synthetic", "coordination"),
        (with_check_digit("20068161001"), "personnummer", "synthetic"),
        (with_check_digit("18901361001"), "personnummer", "date"),
        (with_check_digit("18900230001"), "personnummer", "date"),
        (PUBLISHED_COORDINATION_NUMBER, "personnummer", "coordination"),
        (PUBLISHED_COORDINATION_NUMBER, "synthetic", "not_synthetic"),
        ("189001019803", "personnummer", "check_digit"),
        ("900101-9802", "personnummer", "format"),
        ("900101+9802", "personnummer", "format"),
        ("9001019802", "personnummer", "format"),
        ("18900101980２", "personnummer", "format"),
        (" 189001019802", "personnummer", "format"),
        ("17", "record_number", "possible"),
        ("17a", "record_number", "format"),
    ],
)
def test_each_kind_of_impossible_identity_has_its_own_finding(identity, kind, finding):
    assert list(identity_findings([identity], kind=kind)) == [finding]


def test_a_pseudonym_is_the_first_sixteen_hex_digits_of_a_keyed_hash():
    openssl = "b0a349aab4be29758fcb6e5bd3a65398513dfb7196357382e4883fb8c260c175"  # openssl dgst -sha256 -hmac kkk…
    assert pseudonym("189001019802", key=b"k" * 32, source="") == openssl[:16]


def test_the_same_record_number_in_two_sources_is_two_persons():
    assert pseudonym("7", key=b"k" * 32, source="mvad") != pseudonym("7", key=b"k" * 32, source="other")


def test_the_layouts_read_every_column_that_their_files_have():
    for layout, required, optional in (("ber_demo", "ber_small", "ber_new"), ("mvad", "", "")):
        for name, file in read_layout(layout).files.items():
            delimiter = read_layout(layout).delimiter
            folder = DATA / (optional if file.optional else required)
            header = (folder / name).read_text(encoding="utf-8").splitlines()[0].split(delimiter)
            assert sorted(header) == sorted((*file.used, *file.ignored))


def test_the_demonstration_layout_fills_every_column_of_every_table():
    feeds = [feed for file in read_layout("ber").files.values() for feed in file.feeds]
    unlinked = {"surveys": {"person_id"}}
    assert {feed.table: sorted(feed.columns) for feed in feeds} == {
        name: sorted(set(table_schema(name).columns) - unlinked.get(name, set()))
        for name in tables()
        if name != "school_cohorts"
    }


def test_an_unknown_layout_is_refused_with_the_nearest_name(secure):
    assert layout_names() == ("ber", "ber_demo", "kaa_halvar", "kaa_halvar_demo", "mvad")
    with pytest.raises(ParameterError) as caught:
        add_extract("x", layout="bar", files=SMALL, extract_date=None, secure=secure)
    assert caught.value.expected == 'Layouten "bar" finns inte (menade du "ber"?).'


def test_a_layout_of_personnummer_takes_real_forms_refuses_invented_ones_and_notes_samordningsnummer():
    layout = parse_layout(changed_layout(lambda record: record.update(identity="personnummer")))
    identities = ["189001019802", PUBLISHED_COORDINATION_NUMBER, with_check_digit("20068101001")]
    raw = pd.DataFrame(
        {
            "PERSONNUMMER": identities,
            "FODELSEDATUM": ["1900-01-01", "2023-09-02", "2006-01-01"],
            "KON": ["K", "K", "M"],
            "FOLKBOKFORD_EFTER_SKOLPLIKT": ["", "J", "N"],
            "TELEFON_FINNS": "N",
            "SKYDDAD": "N",
        },
        index=pd.Index([2, 3, 4], name="RAD"),
    )
    converted = convert(raw, feed=layout.files["personer.csv"].feeds[0], layout=layout, identity=layout.identity)
    expected = pd.DataFrame({"RAD": [4], "column": ["PERSONNUMMER"], "reason": ["IDENTITET_PAHITTAD"]})
    pd.testing.assert_frame_equal(converted.problems, expected, check_dtype=False)
    kept = {"persons": kept_rows(converted, failed_lines=pd.Index([4]))}
    assert findings(kept, identity="personnummer", extract_date=date(2025, 1, 31)) == {
        "birth_date_differs_from_identity": 1,
        "coordination_number": 1,
    }


def changed_layout(change) -> bytes:
    record = yaml.safe_load(layout_bytes("ber"))
    change(record)
    return yaml.safe_dump(record, allow_unicode=True).encode()


def persons_of(record) -> dict:
    return record["files"]["personer.csv"]["feeds"][0]["columns"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda r: r["code_lists"]["sex"].update(X="other"),
            "personer.csv, persons: kodlistan sex ger den okända koden other",
        ),
        (lambda r: persons_of(r).pop("sex"), "personer.csv, persons: kolumnen sex måste ges"),
        (
            lambda r: persons_of(r).update(brith_date={"source": "F"}),
            'personer.csv, persons: okänd kolumn brith_date (menade du "birth_date"?)',
        ),
        (lambda r: persons_of(r)["sex"].pop("codes"), "personer.csv, persons: kolumnen sex behöver en kodlista"),
        (
            lambda r: persons_of(r)["sex"].update(codes="sexx"),
            'personer.csv, persons: kodlistan sexx finns inte (menade du "sex"?)',
        ),
        (
            lambda r: persons_of(r)["sex"].update(inclusive_end=True),
            "personer.csv, persons: kolumnen sex är inget datum och kan inte ha inclusive_end",
        ),
        (
            lambda r: r["files"]["personer.csv"].update(ignored=["FODELSELAND"]),
            "personer.csv: kolumnen FODELSELAND får inte finnas (etniskt ursprung, medborgarskap eller migration)",
        ),
        (
            lambda r: persons_of(r)["has_phone"].update(present=True),
            "personer.csv, persons: kolumnen has_phone kan inte ha present",
        ),
        (
            lambda r: persons_of(r)["has_phone"].update(source="TELEFON"),
            "personer.csv: kolumnen TELEFON får bara läsas till om den finns (telefonnummer)",
        ),
        (
            lambda r: persons_of(r).update(has_phone={"source": "SKYDDAD", "present": True}),
            "personer.csv: kolumnen SKYDDAD läses både till sitt värde och till om den finns",
        ),
        (
            lambda r: persons_of(r)["sex"].update(optional=True),
            "personer.csv, persons: kolumnen sex måste ges och kan inte ha optional",
        ),
        (
            lambda r: r["sensitive_codes"]["activity"].update(read_as="ARB"),
            "sensitive_codes: activity ska läsas som en kod som betyder other",
        ),
        (
            lambda r: r["sensitive_codes"]["activity"].update(codes=["STU"]),
            "sensitive_codes: STU står också i kodlistan activity",
        ),
        (lambda r: r["files"].pop("personer.csv"), "ingen fil ger tabellen persons"),
        (lambda r: r.update(date_format="ISO"), "date_format anger inget datum"),
        (lambda r: r.update(identity="pnr"), "identity: literal_error"),
        (lambda r: r.update(follow_law=True), "follow_law: extra_forbidden"),
    ],
)
def test_a_layout_that_does_not_fit_the_schema_is_refused(change, found):
    with pytest.raises(ParameterError) as caught:
        parse_layout(changed_layout(change))
    assert caught.value.found == (found,)


@pytest.mark.parametrize(
    "name", ["FÖDELSELAND", "Diagnos_kod", "SOCIALTJÄNST", "orosanmälan", "Religion", "Nyanländ", "SJUK"]
)
def test_names_that_suggest_sensitive_data_are_recognised(name):
    assert sensitive_kind(name) is not None


def test_no_column_of_the_demonstration_layout_is_taken_for_sensitive():
    named = [column for file in read_layout("ber").files.values() for column in file.named]
    assert [column for column in named if sensitive_kind(column)] == []


def test_names_that_could_be_values_are_not_shown():
    hidden = "(namnet visas inte)"
    assert [shown(name) for name in ("TELEFON", "20061011", "a" * 41, "Å-fil.csv", "rad\n")] == [
        "TELEFON", hidden, hidden, "Å-fil.csv", hidden,
    ]  # fmt: skip


def test_ingest_can_read_an_extract_placed_by_hand(secure):
    secure.extracts.mkdir(parents=True)
    shutil.copytree(DATA / "ber_small", secure.extracts / "hand")
    (secure.extracts / "hand" / "uttag.yaml").write_text(
        'layout: ber_demo\nextract_date: "2025-01-31"\n', encoding="utf-8"
    )
    assert read_register("hand", secure=secure).row_counts["persons"] == 20
