"""The conformance tests of CWL v1.2, where a copy of them lies beside the checkout."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from conformance import BIN, NOT_PASSED, SUITE, WANT_CONTAINERS, WANT_NETWORK, result_of, run_suite
from container_images import make_images

from tests.services.running import podman

__all__ = ["podman"]

#: How many tests a part has; parts run side by side.
_PART = 21
_TESTS = 378


@pytest.mark.slow
@pytest.mark.skipif(not SUITE.is_dir(), reason=f"there is no copy of the conformance tests at {SUITE}")
@pytest.mark.parametrize("first", range(1, _TESTS + 1, _PART))
def test_the_standards_own_tests_pass(first: int) -> None:
    last = min(first + _PART - 1, _TESTS)
    runner = str(BIN / "toil-cwl-runner")
    result = run_suite(SUITE, runner, ["--no-container"], jobs=1, numbers=f"{first}-{last}")
    assert result.total == last - first + 1
    assert result.failed <= {*NOT_PASSED, *WANT_CONTAINERS}, result.output


@pytest.mark.slow
@pytest.mark.skipif(not SUITE.is_dir(), reason=f"there is no copy of the conformance tests at {SUITE}")
def test_the_standards_own_tests_of_containers_pass_in_podman(
    podman: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in podman.items():
        monkeypatch.setenv(name, value)
    make_images(podman)
    runner, names = str(BIN / "toil-cwl-runner"), ",".join(WANT_CONTAINERS)
    result = run_suite(SUITE, runner, ["--podman", "--retryCount", "0"], jobs=1, names=names)
    assert result.total == len(WANT_CONTAINERS)
    assert result.failed <= set(WANT_NETWORK), result.output
    assert result.unsupported == 0, result.output


def test_the_output_of_cwltest_is_understood() -> None:
    told = (
        "Test [1/3] a-1: does something\n\nTest [2/3] b: does more\n\nTest 2 failed: runner b.cwl\n\n"
        "Test [3/3] c: the rest\n\n1 tests passed, 1 failures, 1 unsupported features\n"
    )
    result = result_of(told)
    assert (result.passed, result.failed, result.unsupported, result.total) == (1, {"b"}, 1, 3)
    assert result_of("Test [1/1] a: x\nAll tests passed\n").passed == 1
    with pytest.raises(ValueError, match="has not told"):
        result_of("")
