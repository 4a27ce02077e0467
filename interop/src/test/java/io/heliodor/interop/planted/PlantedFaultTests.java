package io.heliodor.interop.planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.interop.planted.NumberedRules.Rule;
import io.heliodor.interop.planted.PlantedFault.TestRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of planted faults, without a run of them. */
class PlantedFaultTests {
    private static final String SUM = """
            # A comment.

            sum-wrong: a sum is a difference
            in Sum.java
            by SumTests#twoAndTwo seed 17
            = int a;
            - return a + b;
            + return a - b;
            """;

    @Test
    void eachFaultFitsOnePlaceOfItsSource() throws Exception {
        var faults = PlantedFault.parse(Files.readString(PlantedFault.TABLE));
        assertThat(faults).hasSizeGreaterThanOrEqualTo(40);
        for (PlantedFault fault : faults) {
            assertThat(fault.mutated(Path.of(".."))).as(fault.id()).isNotEmpty();
        }
    }

    @Test
    void theModulesOfEachFaultAreBuiltBeforeItsTestRuns() throws Exception {
        Set<SourceModule> built = new SourceModule("interop").builtWith();
        for (PlantedFault fault : PlantedFault.parse(Files.readString(PlantedFault.TABLE))) {
            TestRun run = fault.test();
            SourceModule module = run.module();
            assertThat(built)
                    .as("%s: interop/pom.xml must depend on the module of the test", fault.id())
                    .contains(module);
            assertThat(module.builtWith())
                    .as("%s: the tests of %s must use the module of the source", fault.id(), module)
                    .contains(fault.module());
            assertThat(Files.readString(module.testSource(run.type())))
                    .as("%s: the test %s", fault.id(), run)
                    .containsPattern("\\s" + run.method() + "\\(");
        }
    }

    @Test
    void aFaultThatNoModuleHasIsRefused() {
        PlantedFault sum = PlantedFault.parse(SUM).getFirst();
        assertThatThrownBy(sum::module)
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("sum-wrong", "module/src/main/java", "Sum.java");
        assertThatThrownBy(sum.test()::module)
                .isInstanceOf(AssertionError.class)
                .hasMessage("No module has the test SumTests.");
    }

    @Test
    void aModuleIsBuiltWithWhatItNeeds() throws Exception {
        assertThat(new SourceModule("presence").builtWith())
                .contains(new SourceModule("presence"), new SourceModule("pubsub"))
                .doesNotContain(new SourceModule("channels"), new SourceModule("cluster"));
        assertThat(new SourceModule("testkit").jvmOptions()).contains("--add-opens=java.base/java.lang=ALL-UNNAMED");
    }

    @Test
    void eachNumberedRuleHasAFault() throws Exception {
        String table = Files.readString(PlantedFault.TABLE);
        Set<Rule> broken = new LinkedHashSet<>();
        PlantedFault.parse(table).forEach(fault -> broken.addAll(NumberedRules.brokenBy(fault)));
        Set<Rule> withoutFault = NumberedRules.withoutFault(table);
        Set<Rule> missing = new LinkedHashSet<>();
        for (String note : NumberedRules.NOTES) {
            missing.addAll(NumberedRules.of(note));
        }
        assertThat(missing)
                .as("the rules of the design notes")
                .hasSizeGreaterThan(60)
                .containsAll(withoutFault);
        assertThat(withoutFault)
                .as("rules of which the table states that no code can break them")
                .hasSizeLessThanOrEqualTo(6)
                .doesNotContainAnyElementsOf(broken);
        missing.removeAll(broken);
        missing.removeAll(withoutFault);
        assertThat(missing)
                .as("rules without a planted fault: plant one, or drop the rule (docs/design/planted-faults.md)")
                .isEmpty();
    }

    @Test
    void aFaultNamesRulesOfItsDesignNote() throws Exception {
        for (PlantedFault fault : PlantedFault.parse(Files.readString(PlantedFault.TABLE))) {
            for (Rule rule : NumberedRules.brokenBy(fault)) {
                assertThat(NumberedRules.of(rule.note())).as(fault.id()).contains(rule);
            }
        }
        PlantedFault two = PlantedFault.parse(SUM.replace("difference", "difference (raft rules 4, 8; gossip rule 2)"))
                .getFirst();
        assertThat(NumberedRules.brokenBy(two))
                .containsExactly(new Rule("raft", 4), new Rule("raft", 8), new Rule("gossip", 2));
        PlantedFault bare = PlantedFault.parse(SUM.replace("difference", "difference (rule 2)"))
                .getFirst();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NumberedRules.brokenBy(bare))
                .withMessageContaining("sum-wrong");
    }

    @Test
    void theLinesOfAFaultAreReplaced(@TempDir Path root) throws Exception {
        Files.writeString(root.resolve("Sum.java"), "class Sum {\n    int a;\n    return a + b;\n}");
        assertThat(PlantedFault.parse(SUM)).singleElement().satisfies(fault -> {
            assertThat(fault.mutated(root)).isEqualTo("class Sum {\n    int a;\nreturn a - b;\n}");
            assertThat(fault.test()).hasToString("SumTests#twoAndTwo seed 17");
        });
    }

    @Test
    void aTestHasOneSeedOrTheFirstOnes() {
        assertThat(PlantedFault.parse(SUM).getFirst().test().seeds()).isEqualTo(1);
        var first = PlantedFault.parse(SUM.replace("seed 17", "seeds 30"))
                .getFirst()
                .test();
        assertThat(first).hasToString("SumTests#twoAndTwo seeds 30");
        assertThat(first.seed()).hasValue(0);
        assertThat(first.seeds()).isEqualTo(30);
    }

    @Test
    void aFaultThatFitsNowhereOrTwiceIsNamed(@TempDir Path root) throws Exception {
        PlantedFault fault = PlantedFault.parse(SUM).getFirst();
        Files.writeString(root.resolve("Sum.java"), "class Sum {}");
        assertThatThrownBy(() -> fault.mutated(root))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("sum-wrong fits 0 places of Sum.java", "return a + b;");
        Files.writeString(root.resolve("Sum.java"), "int a;\nreturn a + b;\nint a;\nreturn a + b;");
        assertThatThrownBy(() -> fault.mutated(root)).hasMessageContaining("fits 2 places");
    }

    @Test
    void aTableThatCannotBeReadIsRefused() {
        refused(SUM + "\n" + SUM, "its id is used twice");
        refused(SUM.replace("sum-wrong:", "Sum!"), "its first line");
        refused(SUM.replace("in Sum.java\n", ""), "its second line");
        refused(SUM.replace("SumTests#", "SumTests."), "class#method");
        refused(SUM.replace("+ return", "return"), "none of - + =");
        refused(SUM.replace("a - b", "a + b"), "it changes nothing");
    }

    private static void refused(String table, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PlantedFault.parse(table))
                .withMessageContaining(problem);
    }
}
