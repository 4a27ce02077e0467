package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Commands of the launcher for nodes and tests that start none. */
@Timeout(600)
@Isolated
class LauncherIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @Test
    void aCookieIsAloneOnOneLine() {
        Programs.Ended first = Programs.ours(DEADLINE, "./heliodor cookie");
        assertThat(first.output()).matches("[A-Za-z0-9]{32}\n");
        assertThat(first.status()).isZero();
        assertThat(Programs.ours(DEADLINE, "./heliodor cookie").output()).isNotEqualTo(first.output());
    }

    @Test
    void theHelpOfANodeIsPrinted() {
        Programs.Ended help = Programs.ours(DEADLINE, "./heliodor node --help");
        assertThat(help.status()).isZero();
        assertThat(help.output())
                .contains("--name", "--cookie-file", "--seeds", "--voters", "--data", "--cluster", "--json")
                .contains("broadcast GROUP TEXT");
    }

    @Test
    void theHelpOfTheTestsHasTheirSizes() {
        Programs.Ended help = Programs.ours(DEADLINE, "./heliodor test --help");
        assertThat(help.status()).isZero();
        assertThat(help.output()).contains("--all", "--long");
    }

    @Test
    void badOptionsAreStatusTwo() {
        assertThat(Programs.ours(DEADLINE, "./heliodor node --colour").status()).isEqualTo(2);
        assertThat(Programs.ours(DEADLINE, "./heliodor test --al").status()).isEqualTo(2);
        assertThat(Programs.ours(DEADLINE, "./heliodor test --all --long").status())
                .isEqualTo(2);
    }

    @Test
    void aMisspeltSizeOfTheTestsIsNamed() {
        assertThat(Programs.ours(DEADLINE, "sh -c './heliodor test --al 2>&1'").output())
                .isEqualTo(
                        "heliodor: Unknown option: '--al'; test takes --all, --long and --only (see ./heliodor test --help)\n");
    }

    @Test
    void anUnknownExampleNamesTheExamples() {
        Programs.Ended ended = Programs.ours(DEADLINE, "sh -c './heliodor example dask 2>&1'");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.output())
                .isEqualTo("heliodor: there is no example 'dask'; there are desk and board"
                        + " (see ./heliodor example --help)\n");
        Programs.Ended help = Programs.ours(DEADLINE, "./heliodor example --help");
        assertThat(help.status()).isZero();
        assertThat(help.output()).contains("desk", "board");
    }

    @Test
    void theSiteHasNoOptions() {
        Programs.Ended ended = Programs.ours(DEADLINE, "sh -c './heliodor docs --serve 2>&1'");
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.output())
                .isEqualTo("heliodor: Unknown option: '--serve'; docs takes --help (see ./heliodor docs --help)\n");
        assertThat(Programs.ours(DEADLINE, "./heliodor docs --help").output()).contains(".build/docs/html");
    }

    @Test
    void aNewProjectIsWrittenIntoAnEmptyFolder(@TempDir Path folder) throws IOException {
        Programs.Ended help = Programs.ours(DEADLINE, "./heliodor new --help");
        assertThat(help.status()).isZero();
        assertThat(help.output())
                .contains("heliodor new chat|board", "--spring", "--kotlin", "--react", "--package")
                .doesNotContain("--clone");
        Programs.Ended misspelt = Programs.ours(DEADLINE, "sh -c './heliodor new chatt 2>&1'");
        assertThat(misspelt.status()).isEqualTo(2);
        assertThat(misspelt.output())
                .isEqualTo("Unknown template: 'chatt'; write new chat or new board (see --help)\n");

        Path project = folder.resolve("talk");
        Programs.Ended written = Programs.ours(DEADLINE, "./heliodor new chat " + project);
        assertThat(written.status()).isZero();
        assertThat(written.output()).contains("In " + project + ":\n\n  mvn test\n  mvn -q compile exec:java\n");
        assertThat(project.resolve("pom.xml")).content().contains("<artifactId>talk</artifactId>");
        Programs.Ended again = Programs.ours(DEADLINE, "sh -c './heliodor new chat " + project + " 2>&1'");
        assertThat(again.status()).isEqualTo(2);
        assertThat(again.output()).startsWith("The folder " + project + " is not empty; ");
    }

    @Test
    void theEndOfARunListsTheTestsThatFailed(@TempDir Path folder) throws IOException {
        Path clone = launcher(folder);
        write(clone.resolve("pond/src/test/java/FrogTests.java"), "");
        write(clone.resolve("pond/src/test/java/NewtIT.java"), "");
        write(
                clone.resolve("pond/target/surefire-reports/old.OldTests.txt"),
                "old.OldTests.a -- Time elapsed: 1 s <<< FAILURE!");
        Files.setLastModifiedTime(
                clone.resolve("pond/target/surefire-reports/old.OldTests.txt"), FileTime.fromMillis(0));
        Path reports = folder.resolve("reports");
        write(reports.resolve("pond/target/surefire-reports/a.b.FrogTests.txt"), """
                Tests run: 3, Failures: 1, Errors: 1 <<< FAILURE! -- in a.b.FrogTests
                a.b.FrogTests.leaps(int)[2] -- Time elapsed: 0.9 s <<< FAILURE!
                a.b.FrogTests.swims -- Time elapsed: 0.1 s <<< ERROR!
                """);
        write(
                reports.resolve("pond/target/surefire-reports/a.b.FrogTests$Spawn.txt"),
                "a.b.FrogTests$Spawn.grows -- Time elapsed: 0 s <<< ERROR!\n");
        write(
                reports.resolve("pond/target/failsafe-reports/a.b.NewtIT.txt"),
                "a.b.NewtIT -- Time elapsed: 0 s <<< ERROR!\n");
        write(reports.resolve("interop/target/node/test.jsonl"), """
                {"file":"test/react.test.mjs","name":"hooks > join","status":"FAILED","reason":"","failure":"x"}
                {"file":"test/react.test.mjs","name":"hooks > leave","status":"PASSED","reason":"","failure":""}
                """);
        Programs.Ended run = run(folder, "--all", "cp -r " + reports + "/. " + clone + "; exit 0");
        assertThat(run.status()).isOne();
        assertThat(run.output()).endsWith("""

                heliodor: these tests failed:

                  NewtIT
                    pond/src/test/java/NewtIT.java
                    ./heliodor test --all --only 'NewtIT'
                  FrogTests$Spawn grows
                    pond/src/test/java/FrogTests.java
                    ./heliodor test --all --only 'FrogTests$Spawn#grows'
                  FrogTests leaps(int)[2]
                    pond/src/test/java/FrogTests.java
                    ./heliodor test --all --only 'FrogTests#leaps'
                  FrogTests swims
                    pond/src/test/java/FrogTests.java
                    ./heliodor test --all --only 'FrogTests#swims'
                  hooks > join
                    interop/test/react.test.mjs
                    ./heliodor test --all --only react.test.mjs
                """);
    }

    @Test
    void oneClassRunsAloneInItsModule(@TempDir Path folder) throws IOException {
        Path clone = launcher(folder);
        write(clone.resolve("pond/src/test/java/FrogTests.java"), "");
        write(clone.resolve("pond/src/test/java/NewtIT.java"), "");
        assertThat(run(folder, "--only FrogTests#leaps", "echo $*").output())
                .contains("-Dheliodor.tests=short ", " -Dtest=FrogTests#leaps ", " -pl pond -am verify");
        assertThat(run(folder, "--all --only NewtIT", "echo $*").output())
                .contains("-Dheliodor.tests=all ", " -Dit.test=NewtIT ");
        Programs.Ended unknown = run(folder, "--only ToadTests", "echo $*");
        assertThat(unknown.output()).endsWith("heliodor: there is no class of tests 'ToadTests'\n");
        assertThat(unknown.status()).isOne();
    }

    /** Writes a clone with the launcher alone, and the programs that it starts. */
    private static Path launcher(Path folder) throws IOException {
        for (String program : List.of("node", "npm", "chromium", "psql", "ip", "nft")) {
            write(folder.resolve("programs").resolve(program), "");
        }
        write(folder.resolve("programs/mvn"), "eval \"$RUN\"");
        write(folder.resolve("clone/heliodor"), Files.readString(Path.of("../heliodor")));
        return folder.resolve("clone");
    }

    @Test
    void aGreenRunOfACleanWorkTreeIsRecorded(@TempDir Path folder) throws IOException {
        Path clone = launcher(folder);
        Files.copy(Path.of("../.gitignore"), clone.resolve(".gitignore"));
        String commit = "git init -q && git add -A && git -c user.name=a -c user.email=a@b commit -qm one";
        Programs.run(DEADLINE, "sh", "-c", "cd " + clone + " && " + commit);
        String tree = Programs.run(DEADLINE, "git", "-C", clone.toString(), "rev-parse", "HEAD^{tree}");

        assertThat(test(folder, "", "exit 3")).isEqualTo(3);
        assertThat(test(folder, "", "touch new")).isZero();
        assertThat(test(folder, "", "rm new")).isZero();
        Path passed = clone.resolve(".build/passed");
        assertThat(passed).doesNotExist();
        assertThat(test(folder, "", "true")).isZero();
        assertThat(passed).hasContent("short " + tree);
        assertThat(test(folder, "--all", "true")).isZero();
        assertThat(test(folder, "--long", "true")).isZero();
        assertThat(passed).hasContent("short " + tree + "all " + tree + "long " + tree);
    }

    private static int test(Path folder, String size, String maven) {
        return run(folder, size, maven).status();
    }

    /** Runs the tests of a clone, where Maven is a command of the shell. */
    private static Programs.Ended run(Path folder, String options, String maven) {
        return Programs.attempt(
                DEADLINE,
                "env",
                "PATH=" + folder.resolve("programs") + ":" + System.getenv("PATH"),
                "HELIODOR_JAVA=" + System.getProperty("java.home"),
                "RUN=" + maven,
                "sh",
                "-c",
                folder.resolve("clone/heliodor") + " test " + options);
    }

    private static void write(Path program, String script) throws IOException {
        Files.createDirectories(program.getParent());
        Files.writeString(program, script.startsWith("#!") ? script : "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aHomeIsNotNeeded() {
        String command =
                "env -u HOME -u HELIODOR_JAVA JAVA_HOME=" + System.getProperty("java.home") + " ./heliodor cookie";
        assertThat(Programs.ours(DEADLINE, command).status()).isZero();
    }

    @Test
    void aGivenJavaThatDoesNotWorkIsAnError() {
        Programs.Ended ended = Programs.ours(DEADLINE, "env HELIODOR_JAVA=/nowhere sh -c './heliodor cookie 2>&1'");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output())
                .isEqualTo("heliodor: HELIODOR_JAVA is '/nowhere', which is not the folder of a JDK 25 or newer;"
                        + " name one, or unset it\n");
    }
}
