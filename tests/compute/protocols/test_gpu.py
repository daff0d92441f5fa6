"""GPU nodes: dcgm-exporter, vLLM, the two joined, nvidia_gpu_exporter and nvidia-smi."""

import pytest

from cango_ops.wire import Garbled
from compute.protocols import dcgm, nvidia_gpu_exporter, nvidia_smi, vllm
from compute.protocols.gpu_node import GpuNode
from compute.protocols.prometheus import samples
from compute.protocols.reading import Gpu, State
from tests.compute.protocols.worlds import Machine

OLD = 'gpu="0",UUID="GPU-a",device="nvidia0",modelName="Tesla T4",Hostname="n1",DCGM_FI_DRIVER_VERSION="460.106.00"'
NEW = 'gpu="1",UUID="GPU-b",device="nvidia1",modelName="Tesla T4",hostname="n1",pod="p"'
NODE = f"""# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{{{OLD}}} 40
DCGM_FI_DEV_GPU_UTIL{{{NEW}}} 0
DCGM_FI_DEV_POWER_USAGE{{{OLD}}} 8.969000
DCGM_FI_DEV_POWER_USAGE{{{NEW}}} 10.031
DCGM_FI_DEV_GPU_TEMP{{{OLD}}} 25
DCGM_FI_DEV_FB_USED{{{OLD}}} 1024
DCGM_FI_DEV_XID_ERRORS{{{NEW}}} 79
DCGM_FI_DEV_MEMORY_TEMP{{{OLD}}} 9223372036854775794
DCGM_FI_DEV_POWER_MGMT_LIMIT{{{OLD}}} 70
""".encode()
SERVING = b"""# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="llama"} 2.0
vllm:num_requests_running{engine="1",model_name="llama"} 3.0
vllm:prompt_tokens_total{engine="0",model_name="llama"} 1.0e+06
vllm:generation_tokens_total{engine="0",model_name="llama"} 5e+05
vllm:generation_tokens_total{engine="1",model_name="llama"} 5e+05
vllm:time_to_first_token_seconds_bucket{le="+Inf",model_name="llama"} 7
vllm:gpu_cache_usage_perc{engine="0",model_name="llama"} 4.2
"""


def test_gpus_are_kept_by_uuid_under_old_and_new_labels():
    reading = dcgm.parse(NODE)

    assert reading.gpus == [
        Gpu(
            uuid="GPU-a",
            model="Tesla T4",
            utilisation_pct=40.0,
            memory_used_mib=1024.0,
            power_w=8.969,
            temperature_c=25.0,
        ),
        Gpu(uuid="GPU-b", model="Tesla T4", utilisation_pct=0.0, power_w=10.031, xid=79),
    ]
    assert reading.power_w == 19.0
    assert reading.firmware == "460.106.00"
    assert [fault.code for fault in reading.errors] == ["XID 79"]


def test_a_blank_sentinel_is_absent():
    blank = b'DCGM_FI_DEV_GPU_TEMP{UUID="GPU-a"} 9223372036854775794\nDCGM_FI_DEV_FB_USED{UUID="GPU-a"} 5\n'

    assert dcgm.parse(blank).gpus == [Gpu(uuid="GPU-a", memory_used_mib=5.0)]


def test_the_profiling_ratio_is_preferred_to_busy():
    raw = NODE + f"DCGM_FI_PROF_GR_ENGINE_ACTIVE{{{OLD}}} 0.125\n".encode()

    assert dcgm.parse(raw).gpus[0].utilisation_pct == 12.5
    assert any("estimated" in note for note in dcgm.parse(raw).notes)


def test_instances_of_one_gpu_share_its_power():
    labels = 'UUID="GPU-a",modelName="NVIDIA H100 80GB HBM3",GPU_I_PROFILE="1g.10gb"'
    lines = [f'DCGM_FI_DEV_POWER_USAGE{{{labels},GPU_I_ID="{at}"}} 300' for at in (7, 8)]

    reading = dcgm.parse("\n".join(lines).encode())

    assert [gpu.uuid for gpu in reading.gpus] == ["GPU-a/7", "GPU-a/8"]
    assert reading.gpus[0].model == "NVIDIA H100 80GB HBM3 MIG 1g.10gb"
    assert reading.power_w == 300.0


def test_engines_are_summed():
    serving = vllm.parse(SERVING)

    assert (serving.engines, serving.requests_running, serving.tokens_total) == (2, 5.0, 2_000_000.0)
    assert serving.cache_used == 4.2


def test_the_newer_name_of_the_cache_is_known():
    assert vllm.parse(b'vllm:kv_cache_usage_perc{engine="0"} 0.5\n').cache_used == 0.5


@pytest.mark.parametrize(("state", "asleep"), [("awake", False), ("weights_offloaded", True), ("discard_all", True)])
def test_sleep_mode_is_told_by_its_label(state, asleep):
    lines = [f'vllm:engine_sleep_state{{sleep_state="{state}"}} 1.0', 'vllm:engine_sleep_state{sleep_state="x"} 0.0']

    assert vllm.parse("\n".join(lines).encode()).asleep is asleep


def test_a_node_is_its_gpus_and_what_it_serves():
    machine = Machine({"dcgm_metrics": NODE, "vllm_metrics": SERVING})

    reading = machine.talk(GpuNode().poll())

    assert [ask.port for ask in machine.asked] == [None, 8000]
    assert (reading.state, reading.requests_running, reading.tokens_total) == (State.SERVING, 5.0, 2_000_000.0)
    assert len(reading.gpus) == 2
    assert reading.quality == "ok"


def test_a_node_that_serves_nothing_is_idle_though_a_gpu_is_busy():
    quiet = b'vllm:num_requests_running{engine="0"} 0.0\n'

    assert Machine({"dcgm_metrics": NODE, "vllm_metrics": quiet}).talk(GpuNode().poll()).state is State.IDLE


def test_a_node_without_inference_server_is_still_read():
    reading = Machine({"dcgm_metrics": NODE}, otherwise="refused").talk(GpuNode().poll())

    assert len(reading.gpus) == 2
    assert reading.requests_running is None


def test_a_torn_line_is_passed_over():
    raw = b'a{x="1"} 1\na{x="2} 2\na{x="3"} three\na 4\na{x="5",y="q\\"}"} 5 1700000000\n# a 6\na 7_000\na 0x8\n'

    assert [(labels, value) for _, labels, value in samples(raw, {"a"})] == [
        ({"x": "1"}, 1.0),
        ({}, 4.0),
        ({"x": "5", "y": 'q"}'}, 5.0),
    ]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"<html>no</html>", b"# HELP only\n", b"\xff\xfe"])
def test_a_page_without_metrics_is_garbled(raw):
    with pytest.raises(Garbled):
        dcgm.parse(raw)


EXPORTER = b"""nvidia_smi_gpu_info{driver_version="590.48.01",name="NVIDIA H200",serial="0000",uuid="a"} 1
nvidia_smi_utilization_gpu_ratio{uuid="a"} 0.5
nvidia_smi_memory_used_bytes{uuid="a"} 1.048576e+09
nvidia_smi_power_draw_watts{uuid="a"} 627.4
nvidia_smi_enforced_power_limit_watts{uuid="a"} 700
nvidia_smi_xid_errors_total{uuid="a",xid="79"} 2
nvidia_smi_mig_info{gpu_instance_id="2",mig_uuid="m",profile="1g.18gb",uuid="a"} 1
nvidia_smi_mig_memory_used_bytes{gpu_instance_id="2",uuid="a"} 1048576
"""


def test_ratios_and_bytes_become_percent_and_mebibytes():
    reading = nvidia_gpu_exporter.parse(EXPORTER)

    assert reading.gpus == [
        Gpu(uuid="GPU-a", model="NVIDIA H200", utilisation_pct=50.0, memory_used_mib=1000.0, power_w=627.4, xid=79),
        Gpu(uuid="MIG-m", model="NVIDIA H200 MIG 1g.18gb", memory_used_mib=1.0),
    ]
    assert (reading.power_w, reading.power_limit_w, reading.serial) == (627.4, 700.0, None)


SMI = b"""==============NVSMI LOG==============

Driver Version                            : 590.48.01
Attached GPUs                             : 2
GPU 00000000:00:09.0
    Product Name                          : NVIDIA H100 80GB HBM3
    GPU UUID                              : GPU-a
    FB Memory Usage
        Total                             : 81559 MiB
        Used                              : 59 MiB
    Utilization
        GPU                               : N/A
    Temperature
        GPU Current Temp                  : 42 C
    GPU Power Readings
        Average Power Draw                : 71.27 W
        Instantaneous Power Draw          : 72.63 W
        Current Power Limit               : 700.00 W
GPU 00000000:00:0A.0
    Product Name                          : NVIDIA H100 80GB HBM3
    GPU UUID                              : GPU-b
    Utilization
        GPU                               : 37 %
"""
SMI_XML = b"""<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
 <driver_version>590.48.01</driver_version>
 <gpu id="00000000:00:09.0">
  <product_name>NVIDIA H100 80GB HBM3</product_name>
  <uuid>GPU-a</uuid>
  <fb_memory_usage><total>81559 MiB</total><used>59 MiB</used></fb_memory_usage>
  <utilization><gpu_util>37 %</gpu_util></utilization>
  <temperature><gpu_temp>42 C</gpu_temp></temperature>
  <gpu_power_readings><instant_power_draw>72.63 W</instant_power_draw></gpu_power_readings>
 </gpu>
</nvidia_smi_log>
"""


def test_nvidia_smi_is_read_as_text():
    reading = nvidia_smi.parse(SMI)

    assert reading.gpus[0] == Gpu(
        uuid="GPU-a", model="NVIDIA H100 80GB HBM3", memory_used_mib=59.0, power_w=72.63, temperature_c=42.0
    )
    assert reading.gpus[1].utilisation_pct == 37.0
    assert (reading.firmware, reading.power_limit_w) == ("590.48.01", 700.0)


def test_nvidia_smi_is_read_as_xml():
    assert nvidia_smi.parse(SMI_XML).gpus == [
        Gpu(
            uuid="GPU-a",
            model="NVIDIA H100 80GB HBM3",
            utilisation_pct=37.0,
            memory_used_mib=59.0,
            power_w=72.63,
            temperature_c=42.0,
        )
    ]
