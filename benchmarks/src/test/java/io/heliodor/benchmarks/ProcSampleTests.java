package io.heliodor.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcSampleTests {
    @Test
    void cpuOfAProcessIsItsOwnAndThatOfItsEndedChildren() {
        String stat = "42 (java) S 1 42 42 0 -1 4194560 9 8 7 6 150 50 25 75 20 0 33 0 1234 5678 90\n";
        assertThat(ProcSample.parseStat(stat)).isEqualTo(3.0);
    }

    @Test
    void aProgramNameMayContainSpacesAndBrackets() {
        String stat = "42 (a) b (c 1 2) R 1 42 42 0 -1 4194560 9 8 7 6 100 0 0 0 20 0 33 0 1234 5678 90\n";
        assertThat(ProcSample.parseStat(stat)).isEqualTo(1.0);
    }

    @Test
    void memoryIsGivenInBytes() {
        String status = "Name:\tVmRSS: 1\nVmHWM:\t    9000 kB\nVmRSS:\t    8124 kB\nThreads:\t3\n";
        assertThat(ProcSample.parseKilobytes(status, "VmRSS")).contains(8124L * 1024);
        assertThat(ProcSample.parseKilobytes(status, "VmSwap")).isEmpty();
    }

    @Test
    void aMachineIsBusyWhenItIsNeitherIdleNorWaiting() {
        String stat = "cpu  100 20 30 9999 8888 4 5 6 7777 7777\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
        assertThat(ProcSample.parseMachine(stat)).isEqualTo(1.65);
    }

    @Test
    void theSoftLimitOfOpenFilesCounts() {
        String row = "Max open files            1024                 20000                files     \n";
        assertThat(ProcSample.parseOpenFiles("Limit  Soft  Hard  Units\n" + row))
                .contains(1024L);
        String unlimited = row.replace("1024 ", "unlimited ");
        assertThat(ProcSample.parseOpenFiles(unlimited)).isEmpty();
    }

    @Test
    void aProcessThatIsNotThereHasNoFigures() {
        assertThat(ProcSample.cpuSeconds(Long.MAX_VALUE)).isEmpty();
        assertThat(ProcSample.residentBytes(Long.MAX_VALUE)).isEmpty();
    }
}
