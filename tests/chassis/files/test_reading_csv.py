"""CSV files as people really export them: any encoding, any separator, quoted line breaks."""

import pytest

from chassis.files import Book, Unreadable, read_book


def cells(book: Book) -> list[tuple[str, ...]]:
    return [tuple(record.cells) for record in book.sheets[0].records]


def numbers(book: Book) -> list[int]:
    return [record.number for record in book.sheets[0].records]


def test_a_plain_file_is_read_without_remarks() -> None:
    book = read_book("id,name\n0042, Zoë \n".encode())
    assert (book.form, book.remarks) == ("csv", ())
    assert cells(book) == [("id", "name"), ("0042", "Zoë")]


def test_every_row_knows_the_line_it_begins_on() -> None:
    book = read_book(b'\nid,note\r\n1,"two\nlines"\r\n\r\n , \r\n2,x\r\n\r\n')
    assert numbers(book) == [2, 3, 7]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_in_all_its_forms(encoding: str) -> None:
    assert cells(read_book("id,name\n1,Łukasz Œuvre\n".encode(encoding))) == [("id", "name"), ("1", "Łukasz Œuvre")]


WRITTEN = {
    "cp1252": "Jörg Müller,Zürich|João Conceição,São Paulo|Åsa Öberg,Malmö|René d’Été,Où",  # noqa: RUF001
    "cp1250": "Łukasz Żółć,Kraków|Jiří Dvořák,Plzeň|Győző Szűcs,Pécs",
    "cp1251": "Сергей Иванов,Москва|Олексій Їжак,Київ",
    "koi8_r": "Сергей Иванов,Москва",
    "cp866": "Сергей Иванов,Москва",
    "cp1253": "Γιώργος Παπαδόπουλος,Αθήνα",
    "cp1254": "Şükrü Öztürk,Iğdır|Gülşah Yıldız,İzmir",  # noqa: RUF001
    "cp1257": "Žydrūnė Šarūnaitė,Šiauliai",
    "iso8859-2": "Łukasz Żółć,Wąchock|Małgorzata Wiśniewska,Łódź",
    "mac_roman": "Prénom René,Lefèvre|Jörg Müller,Köln",
    "cp850": "Jörg Müller,Bärbel Größe",
    "shift_jis": "山田太郎,営業部|佐藤花子,開発ぶ",
    "euc_jp": "山田太郎,営業部|さとう花子,カイハツ部",
    "gb18030": "王小明,销售部|李华,研发部",
    "big5": "王小明,業務部|李華,研發部",
    "cp949": "김철수,영업부|이영희,개발부",
}


@pytest.mark.parametrize("encoding", WRITTEN)
def test_old_encodings_are_recognised_and_told_with_words_to_check(encoding: str) -> None:
    text = "id,who,where\n" + "".join(f"{place},{row}\n" for place, row in enumerate(WRITTEN[encoding].split("|")))
    book = read_book(text.encode(encoding))
    assert ",".join(cells(book)[1]) == text.splitlines()[1]
    assert "check that this is right: " in book.remarks[0]
    assert WRITTEN[encoding].split(",")[0].split()[-1] in book.remarks[0]


def test_the_sender_may_name_the_encoding() -> None:
    book = read_book("id,name\n1,Győző\n".encode("iso8859-2"), encoding="latin2")
    assert cells(book)[1] == ("1", "Győző")


@pytest.mark.parametrize("encoding", ["base64", "punycode", "unicode_escape", "no-such", "\0", "utf-7"])
def test_only_encodings_that_files_are_in_can_be_named(encoding: str) -> None:
    with pytest.raises(Unreadable, match="There is no encoding"):
        read_book(b"id,name\n", encoding=encoding)


def test_a_file_that_is_not_in_the_named_encoding_is_refused_with_the_line() -> None:
    with pytest.raises(Unreadable, match="is not SHIFT-JIS text") as refused:
        read_book("id,name\n1,x\n2,Jörg\n".encode("cp1252") + b"\xff\xff", encoding="shift_jis")
    assert refused.value.place == "line 3"


def test_a_damaged_byte_in_utf_8_makes_it_no_old_encoding() -> None:
    with pytest.raises(Unreadable, match=r"Byte 26 of the file \(0xFF\) is not UTF-8 text") as refused:
        read_book("id,name\n1,Jörg Müller\n2,".encode() + b"\xff\n")
    assert refused.value.place == "line 3"


@pytest.mark.parametrize("before", range(65_530, 65_540))
def test_the_damaged_byte_is_named_exactly_wherever_it_stands(before: int) -> None:
    with pytest.raises(Unreadable, match=rf"Byte {before + 2} of the file \(0xFF\)"):
        read_book(b"a" * before + "ä".encode() + b"\xff" + "äöü".encode())


def test_nul_bytes_are_refused_with_the_line() -> None:
    with pytest.raises(Unreadable, match="NUL byte") as refused:
        read_book(b"id,name\n1,a\0b\n")
    assert refused.value.place == "line 2"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separators_are_recognised(mark: str) -> None:
    rows = [["id", "name, first", "note"], ["1", "Doe, Jane", "a;b|c"], ["2", "Roe, Rick", ""]]
    text = "".join(mark.join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    book = read_book(text.encode())
    assert cells(book) == [tuple(row) for row in rows]
    assert bool(book.remarks) == (mark != ",")


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Name;Lohn;Quote\nA;1,5;2,5\nB;3,5;4,5\n", ("Name", "Lohn", "Quote")),
        ("Name, first;Mail\nDoe, J;a@x\nRoe, K;b@x\n", ("Name, first", "Mail")),
        ("name,teams\nA,x;y\nB,x;z\n", ("name", "teams")),
        ("name,teams\nA,x|y|z\nB,x|y|z\n", ("name", "teams")),
        ("id\n1\n2\n", ("id",)),
        ("Report of 31 March\n\nid;name;team\n1;A;x\n2;B;y\n", ("Report of 31 March",)),
        ('"id";"note"\n"1";"several, words; and\nlines, many"\n', ("id", "note")),
    ],
)
def test_signs_in_the_cells_are_not_taken_for_separators(text: str, header: tuple[str, ...]) -> None:
    assert cells(read_book(text.encode()))[0] == header


def test_the_line_with_which_a_spreadsheet_declares_the_separator_is_honoured() -> None:
    book = read_book(b"sep=;\r\na;b,c\r\n1;2,3\r\n")
    assert cells(book) == [("a", "b,c"), ("1", "2,3")]
    assert numbers(book) == [2, 3]


def test_the_sender_may_name_the_separator() -> None:
    assert cells(read_book(b"a:b,c\n1:2,3\n", separator=":")) == [("a", "b,c"), ("1", "2,3")]


@pytest.mark.parametrize("separator", ['"', "\n", "", "ab", "\0"])
def test_what_separates_nothing_cannot_be_named(separator: str) -> None:
    with pytest.raises(Unreadable, match="Cells cannot be separated"):
        read_book(b"a,b\n1,2\n", separator=separator)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('id,name\n1,A\n2,"cut off', "line 3"),
        ('id,name\n1,"A" and\n2,B\n', "line 2"),
        ('id,name\n1,"a\nb"\n2,"B"C\n', "line 4"),
    ],
)
def test_broken_quotes_are_refused_with_the_line_the_row_begins_on(text: str, place: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_book(text.encode())
    assert refused.value.place == place


def test_reading_leaves_the_limit_alone_that_all_csv_readers_share() -> None:
    import csv

    before = csv.field_size_limit()
    read_book(b"id,name\n1," + b"x" * 32_000 + b"\n")
    assert csv.field_size_limit() == before


def test_cells_are_as_long_as_those_of_a_spreadsheet_and_no_longer() -> None:
    assert len(cells(read_book(b"id\n" + b"x" * 32_767))[1][0]) == 32_767
    with pytest.raises(Unreadable, match="A cell has 32768 characters"):
        read_book(b"id\n" + b"x" * 32_768)
