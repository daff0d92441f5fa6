"""Machines and firmware of which there is no recording here, by small answers written after their public ones."""

import pytest

from cango_ops.wire import Garbled
from compute.protocols import ADAPTERS, antminer, elphapex, nvidia_smi, volcminer, whatsminer_v2
from compute.protocols.avalon import parse_state
from compute.protocols.braiins_web import gql_board
from compute.protocols.cgminer_text import parse_text
from compute.protocols.detect import language_of
from compute.protocols.reading import Board, Fault, Gpu, State
from compute.protocols.sealminer import parse_stats
from tests.compute.protocols.worlds import Machine, answer

A2 = {
    "Model": "A2", "Firmware": "2025091001", "MAC": "50:d4:48:4b:86:78", "Ctrl Board SN": "S127", "Board Count": 2,
    "System Uptime": 2743, "Elapsed": 2481, "MHS(1m)": 220315525.2, "MHS(Rated)": 230839407.3, "PM State": "Running",
    "PSU Input Power": 3504, "PSU Output Power": 3232, "Power Limit": 3500, "Fan Count": 2, "0 Speed": 3723,
    "1 Speed": 3753, "2 Speed": 9999, "PSU Error": "0x00000000", "Error Code": "",
    "0 Chip Count": 153, "0 Bad Chip Count": 0, "0 MHS(Sample)": 73905832.0, "0 Temp 0": 55,
    "0 Temp 2": 70, "0 Online": True,
    "1 Chip Count": 153, "1 Bad Chip Count": 3, "1 MHS(Sample)": 0.0, "1 Temp 0": 0, "1 Online": False,
}  # fmt: skip


def test_one_wide_row_holds_a_sealminer():
    machine = Machine({"stats": answer("STATS", A2)})

    reading = machine.talk(ADAPTERS["sealminer"].poll())

    assert machine.names == ["stats"]
    assert (reading.vendor, reading.model, reading.serial, reading.quality) == ("Bitdeer", "Sealminer A2", "S127", "ok")
    assert (reading.hashrate_ths, reading.expected_hashrate_ths) == (220.3155252, 230.8394073)
    assert (reading.power_w, reading.power_limit_w, reading.uptime_s) == (3504.0, 3500.0, 2743)
    assert reading.fans_rpm == [3723, 3753]
    assert reading.boards == [
        Board(slot=0, hashrate_ths=73.905832, temperature_c=70.0, chips=153),
        Board(slot=1, hashrate_ths=0.0, chips=150),
    ]
    assert reading.errors == [
        Fault(code="board_off", message="board 1 is not online"),
        Fault(code="bad_chips", message="board 1: 3 bad chips"),
    ]


def test_an_inspected_sealminer_shows_the_average_and_not_the_noise_of_five_seconds():
    summary = answer("SUMMARY", {"MHS 5s": 368479432.78, "MHS av": 206860473.51, "MHS 1m": 197599714.1})
    machine = Machine({"stats": answer("STATS", A2), "summary": summary, "pools": answer("POOLS")})

    assert machine.talk(ADAPTERS["sealminer"].inspect()).hashrate_ths == 206.86047351


def test_a_sealminer_told_to_stop_sleeps():
    assert parse_stats(answer("STATS", A2 | {"PM State": "Suspend", "MHS(1m)": 0})).state is State.SLEEPING


def test_a_sealminer_is_told_by_its_program_and_not_by_its_power_limit():
    assert (
        language_of({"stats": b'{"STATS":[{"Power Limit":3500}],"STATUS":[{"Description":"bdminer 4.11.1"}]}'})
        == "sealminer"
    )
    assert language_of({"stats": b'{"STATS":[{"Power Limit":3500}]}'}) == "cgminer"


def test_braiins_names_its_sensors_in_capitals_from_25_05():
    sensors = [
        {"name": "MAX_BOARD", "degreesC": 51.5},
        {"name": "MAX_CHIP", "degreesC": 66.5},
        {"name": "INLET", "degreesC": 37},
    ]

    board = gql_board(0, {"name": "1", "temperatures": sensors})

    assert (board.temperature_c, board.chip_temperature_c) == (51.5, 66.5)


HAMMER = (
    b'{"STATS":[{"CGMiner":"2.3.3","Miner":"2.0.2.2","Type":"Hammer D10"}{"STATS":0,"Elapsed":119161,'
    b'"MHS 5s":"4686.4886","MHS av":"4872.8713","fan_num":4,"fan1":4650,"fan2":4500,"fan3":3870,"fan4":3930,'
    b'"temp1":21,"temp1":42,"temp1":45,"chain_acn1":108,"chain_rate1":"1578.2742","chain_rate2":""}],"id":1}\x00'
)


def test_a_hammer_counts_megahashes_and_repeats_its_keys():
    reading = antminer.parse_poll(HAMMER)

    assert (reading.vendor, reading.model) == ("Hammer", "Hammer D10")
    assert reading.hashrate_ths == pytest.approx(0.0046864886)
    assert reading.boards == [Board(slot=1, hashrate_ths=0.0015782742, temperature_c=45.0, chips=108)]


def test_mskminer_parts_into_model_and_firmware_and_sums_its_power():
    head = {"BMMiner": "4.11.1 rwglr", "Miner": "0.0.1.3", "Type": "S19-88 v.2.6.0.39 "}
    row = {"Elapsed": 1926, "GHS 5s": 99989.59, "total_power": 3358, "chain_power1": 1135, "chain_acn1": 88}

    reading = antminer.parse_poll(answer("STATS", head, row))

    assert (reading.model, reading.firmware, reading.power_w) == ("S19-88", "2.6.0.39", 3358.0)


def test_power_with_its_unit_behind_is_read_by_both_ways():
    head = {"Miner": "1", "Type": "Antminer S21"}
    row = {"Elapsed": 9, "GHS 5s": 1.0, "miner_count": 3, "fan_num": 0, "chain_power": "3250 W"}
    chains = {f"{key}{at}": value for at in (1, 2, 3) for key, value in CHAIN.items()}

    assert antminer.parse_poll(answer("STATS", head, row | chains)).power_w == 3250.0
    assert antminer.parse_stats(answer("STATS", head, row | chains)).power_w == 3250.0


CHAIN = {"chain_acn": 108, "chain_rate": "66000.0", "temp_pcb": "50-50-60-60", "temp_chip": "60-60-70-70"}


def test_an_l3_writes_megahashes_under_the_name_of_gigahashes():
    reading = antminer.parse_poll(answer("STATS", {"Type": "Antminer L3+"}, {"GHS 5s": "415.065", "Elapsed": 9}))

    assert reading.hashrate_ths == pytest.approx(0.000415065)
    assert reading.notes == ["rates named GHS are MH/s on this model"]


def test_solutions_of_equihash_are_no_hashrate():
    row = {"GHS 5s": "15.82", "Elapsed": 9, "chain_acn1": 4, "chain_rate1": "5.07", "temp1": 54}

    reading = antminer.parse_poll(answer("STATS", {"Type": "Antminer Z9-Mini"}, row))

    assert (reading.hashrate_ths, reading.boards[0].hashrate_ths, reading.state) == (None, None, State.MINING)


def test_fans_beyond_those_of_the_model_are_empty_sockets():
    row = {"GHS 5s": 5130.11, "fan_num": 6, "fan1": 4200, "fan2": 0, "fan3": 4080, "fan4": 0, "fan5": 0, "fan6": 0}

    assert antminer.parse_poll(answer("STATS", {"Type": "Antminer S7"}, row)).fans_rpm == [4200, 4080]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"STATUS":"S","Code":131,"Msg":{"Elapsed":11367,"MHS 1m":123107336,"HS RT":123107336,"Power":3400}}',
        b'{"STATUS":"S","Elapsed":11367,"HS RT":123107336,"Power Realtime":3400}',
    ],
    ids=["in Msg", "flat"],
)
def test_a_whatsminer_summary_may_stand_in_msg_or_alone(raw):
    reading = whatsminer_v2.parse_summary(raw)

    assert (reading.hashrate_ths, reading.power_w, reading.uptime_s) == (123.107336, 3400.0, 11367)


A10 = (
    b"STATUS=S,When=6397,Code=70,Msg=CGMiner stats,Description=cgminer 4.11.1|STATS=0,ID=AVA100,Elapsed=6354,"
    b"MM ID0=Ver[1066-19101244_fe411a8_71edeca] DNA[020100002c2af618] SYSTEMSTATU[Work: In Work, Hash Board: 3 ] "
    b"Elapsed[6355] Fan1[3671] Fan2[3635] PS[0 1217 1279 221 2834 1280] GHSmm[51062.40] GHSavg[50291.83] "
    b"MGHS[16645.36 16761.64] MTmax[74 72] TA[342] FACOPTS0[],MM Count=1,Nonce Mask=25 |\x00"
)


def test_the_text_of_an_a10_keeps_its_commas_in_brackets():
    row = parse_text(A10)["STATS"][0]

    assert row["MM ID0"].endswith("TA[342] FACOPTS0[]")
    assert (row["MM Count"], row["Elapsed"]) == ("1", "6354")


def test_an_a10_says_its_power_as_volts_times_amperes():
    reading = parse_state(A10)

    assert (reading.model, reading.hashrate_ths, reading.power_w) == ("1066", pytest.approx(50.29183), 2834.0)
    assert [board.hashrate_ths for board in reading.boards] == [16.64536, 16.76164]


@pytest.mark.parametrize(
    ("said", "watts"),
    [
        ("Ver[1126Pro-S-64-21072803] PS[0 1220 1339 239 3200 1340 3522]", 3200.0),
        ("Ver[nano3-25103101_0736b2e] PS[0 0 0 4 2756 126 330]", 126.0),
        ("Ver[Nano3-24071801] PS[0 0 18000 4 0 5000 80]", 80.0),
        ("Ver[15-194-24102401] PS[0 1209 1187 297 3526 1188 3731] WALLPOWER[3731]", 3731.0),
        ("Ver[9999-1] PS[0 1 2 3 4 5 6]", None),
    ],
)
def test_where_an_avalon_keeps_its_watts(said, watts):
    assert parse_state(answer("STATS", {"MM ID0": said + " GHSspd[1.0]"})).power_w == watts


def test_modules_behind_one_controller_are_summed():
    said = {
        f"MM ID{at}": f"Ver[7411706-3162860] GHSmm[7300.0] GHSavg[{rate}] Fan1[3000] MGHS[1 2]"
        for at, rate in ((1, 7000.0), (2, 6000.0))
    }

    reading = parse_state(answer("STATS", {"ID": "AV70", "Elapsed": 60, **said}))

    assert (reading.hashrate_ths, reading.expected_hashrate_ths, reading.fans_rpm) == (13.0, 14.6, [3000, 3000])
    assert [board.slot for board in reading.boards] == [0, 1, 2, 3]
    assert "2 modules behind one controller, summed" in reading.notes


@pytest.mark.parametrize("name", ["AvalonMiner 15-194", "15-194", "A1566"])
def test_an_a15_is_known_by_each_of_its_names(name):
    machine = Machine(
        {
            "stats": answer("STATS", {"MM ID0": "Ver[15-194-1] GHSspd[1.0]"}),
            "version": answer("VERSION", {"PROD": name}),
            "pools": answer("POOLS"),
        }
    )

    assert machine.talk(ADAPTERS["avalon"].inspect()).quality == "ok"


def test_a_volcminer_whose_web_is_closed_is_read_by_rpc():
    row = {"MHS 5s": "15662.70", "fan1": 5640, "fan2": 5640, "temp1": 64, "chain_acn1": 105, "chain_rate1": "5051.7909"}
    machine = Machine(
        {
            "stats": answer("STATS", {"CGMiner": "2.3.3", "Type": "VolcMiner D1"}, row),
            "summary": answer("SUMMARY", {"Elapsed": 1355, "MHS 5s": "15498.96"}),
            "get_system_info": b'{"macaddr":"50:DF:4D:84:79:EF","system_filesystem_version":"2025-02-18 15-51-04 CST"}',
        }
    )

    reading = machine.talk(volcminer.Volcminer().inspect())

    assert (reading.hashrate_ths, reading.uptime_s) == (pytest.approx(0.01549896), 1355)
    assert (reading.model, reading.firmware) == ("VolcMiner D1", "2025-02-18 15-51-04 CST")
    assert reading.mac == "50:DF:4D:84:79:EF"
    assert reading.boards[0].hashrate_ths == pytest.approx(0.0050517909)


def test_innosilicon_tells_its_chips_in_one_row_per_chain():
    machine = Machine(
        {
            "summary": answer("SUMMARY", {"Elapsed": 60, "MHS 1m": 43000000.0}),
            "devs": answer("DEVS", {"ASC": 0, "MHS 1m": 14300000.0, "Temperature": 0.0}),
            "stats": answer(
                "STATS", {"STATS": 0, "Chain ID": 0, "Num chips": 63, "Num active chips": 61, "Temp max": 88}
            ),
        }
    )

    boards = machine.talk(ADAPTERS["cgminer"].inspect()).boards

    assert boards == [Board(slot=0, hashrate_ths=14.3, temperature_c=88.0, chips=61)]


MIG = b"""==============NVSMI LOG==============
Driver Version                            : 590.48.01
GPU 00000000:00:09.0
    Product Name                          : NVIDIA H100 80GB HBM3
    MIG Mode
        Current                           : Enabled
    MIG Device
        Index                             : 0
        GPU Instance ID                   : 2
        Shared FB Memory Usage
            Used                          : 26 MiB
    MIG Device
        GPU Instance ID                   : 9
        Shared FB Memory Usage
            Used                          : 9 MiB
    FB Memory Usage
        Used                              : 59 MiB
"""
MIG_XML = b"""<nvidia_smi_log><gpu id="00000000:00:09.0"><product_name>NVIDIA H100 80GB HBM3</product_name>
<mig_devices><mig_device><gpu_instance_id>2</gpu_instance_id><fb_memory_usage><used>26 MiB</used></fb_memory_usage>
</mig_device><mig_device><gpu_instance_id>9</gpu_instance_id><fb_memory_usage><used>9 MiB</used></fb_memory_usage>
</mig_device></mig_devices><processes/><fb_memory_usage><used>59 MiB</used></fb_memory_usage></gpu></nvidia_smi_log>"""


@pytest.mark.parametrize("raw", [MIG, MIG_XML], ids=["text", "XML"])
def test_instances_in_nvidia_smi_keep_their_memory_apart_from_their_gpu(raw):
    model = "NVIDIA H100 80GB HBM3"

    assert nvidia_smi.parse(raw).gpus == [
        Gpu(uuid="bus 00000000:00:09.0", model=model, memory_used_mib=59.0),
        Gpu(uuid="bus 00000000:00:09.0/2", model=f"{model} MIG", memory_used_mib=26.0),
        Gpu(uuid="bus 00000000:00:09.0/9", model=f"{model} MIG", memory_used_mib=9.0),
    ]


def test_an_invented_machine_of_an_unknown_maker_is_read_and_called_unknown():
    machine = Machine(
        {
            "summary": answer("SUMMARY", {"Elapsed": "00000060", "GHS av": "123,456.5", "GHS 5s": "--"}),
            "devs": answer("DEVS", {"ASC": 0, "GHS av": 41152.1, "Temperature": "N/A"}),
            "version": answer("VERSION", {"CGMiner": "4.12", "Type": "Quantum Q9"}),
        }
    )

    reading = machine.talk(ADAPTERS["cgminer"].inspect())

    assert (reading.model, reading.quality, reading.uptime_s) == ("Quantum Q9", "unknown model", 60)
    assert (reading.hashrate_ths, reading.boards[0].temperature_c) == (123.4565, None)


def test_a_refusal_says_its_words_and_its_code():
    with pytest.raises(Garbled, match=r"refused: Access denied to 'stats' command \(code 45\)"):
        antminer.parse_poll(b"STATUS=E,When=1,Code=45,Msg=Access denied to 'stats' command,Description=cgminer|\x00")


def test_an_elphapex_shows_its_average_but_nothing_when_it_stands_still():
    row = {"rate_unit": "MH/s", "elapsed": 357352, "rate_5s": 11531.88, "rate_avg": 14199.04, "rate_ideal": 14229}
    going, still = (elphapex.read_stats({"STATS": [row | more]}) for more in ({}, {"rate_5s": 0}))

    assert (going.hashrate_ths, still.hashrate_ths) == (pytest.approx(0.01419904), 0.0)


def test_an_auradine_is_the_sum_of_its_boards_last_seconds():
    summary = answer("SUMMARY", {"MHS 5s": 20599767.2, "MHS 1m": 10256844.5, "MHS av": 7970630.0, "Elapsed": 56696})

    assert Machine({"summary": summary}).talk(ADAPTERS["auradine"].poll()).hashrate_ths == pytest.approx(20.5997672)
