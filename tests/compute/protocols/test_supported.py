"""The page of recorded machines."""

from compute.protocols.supported import page, places
from tests.compute.protocols.worlds import answer


def test_each_folder_is_a_machine_and_each_gpu_file_too(tmp_path):
    for folder in ("antminer/S19", "gpu/dcgm", "pools/one"):
        (tmp_path / folder).mkdir(parents=True)
    stats = answer("STATS", {"Type": "Antminer S19"}, {"Elapsed": 90, "GHS 5s": 95000.0, "fan_num": 1, "fan1": 4000})
    (tmp_path / "antminer/S19/stats.json").write_bytes(stats)
    (tmp_path / "gpu/dcgm/node.txt").write_bytes(b'DCGM_FI_DEV_POWER_USAGE{UUID="GPU-a"} 300\n')
    (tmp_path / "gpu/dcgm/torn.txt").write_bytes(b"nothing")

    found = places(tmp_path)
    lines = page(tmp_path, found).splitlines()[-3:]

    assert lines[0].startswith("| antminer/S19 | antminer | Antminer S19 |  | 95 |  |  |  | 0 | 1 |")
    assert lines[1].startswith("| gpu/dcgm/node.txt | dcgm |  |  |  |  | 300 |")
    assert lines[2].startswith("| gpu/dcgm/torn.txt | - | nothing that dcgm asks was recorded |")
    assert len({line.count("|") for line in lines}) == 1
