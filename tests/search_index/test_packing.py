"""Stored records: smaller beside a sample of their own collection, the same again when read, refused under another sample."""

from __future__ import annotations

import json
import zlib
from itertools import islice
from pathlib import Path

import pytest

from search_index.documents import to_facts
from search_index.embedded import EmbeddedEngine
from search_index.embedded.packing import Packer
from search_index.rebuild import ids, rebuild
from search_index.requests import SearchRequest
from tests.bench.generator import listings
from tests.search_index.making import achievement


def records(count: int) -> list[bytes]:
    return [json.dumps(to_facts(one, body_limit=800), ensure_ascii=False).encode() for one in islice(listings(count), count)]


def test_a_record_comes_back_as_it_was_and_takes_less_room_with_a_sample(tmp_path: Path) -> None:
    made = records(200)
    packer = Packer.begin(tmp_path, made[:50])
    packed = [packer.pack(record) for record in made]
    assert [Packer.of(tmp_path).unpack(one) for one in packed] == made
    alone = Packer()
    assert sum(map(len, packed)) < 0.6 * sum(len(alone.pack(record)) for record in made)


def test_a_record_of_another_generation_is_refused_rather_than_misread(tmp_path: Path) -> None:
    made = records(20)
    packed = Packer.begin(tmp_path, made).pack(made[0])
    with pytest.raises(zlib.error):
        Packer(b"another sample").unpack(packed)


def test_a_folder_without_a_sample_packs_each_record_by_itself(tmp_path: Path) -> None:
    record = records(1)[0]
    assert Packer.of(tmp_path).unpack(Packer.of(tmp_path).pack(record)) == record


def test_records_put_after_a_rebuild_are_read_with_those_of_the_rebuild(tmp_path: Path) -> None:
    documents = [achievement(number, f"轴承{number}") for number in range(1, 30)]
    writer = EmbeddedEngine(tmp_path)
    rebuild(writer, documents, expected=lambda: ids(documents))
    writer.put([achievement(30, "齿轮箱")])
    writer.close()
    again = EmbeddedEngine(tmp_path)
    again.put([achievement(31, "减速器")])
    titles = {hit.document.title_zh for hit in EmbeddedEngine(tmp_path).search(SearchRequest.of(per_page=50)).hits}
    again.close()
    assert titles == {document.title_zh for document in documents} | {"齿轮箱", "减速器"}
