package io.heliodor.session.once;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.once.Finding;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.KeyOwner;
import io.heliodor.session.once.MergedFindings.Response;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The findings of several nodes about a key, by values. */
class MergedFindingsTests {
    private static final KeyOwner A = new KeyOwner("a", 0);
    private static final KeyOwner B = new KeyOwner("b", 0);
    private static final KeyOwner C = new KeyOwner("c", 0);
    private static final Finding NOTHING = new Finding.Nothing();
    private static final Finding ANSWERED = new Finding.Answered(KeptAnswer.UNANSWERED);
    private static final Set<String> ALL = Set.of("a", "b", "c");

    private static Response found(KeyOwner from, Finding finding) {
        return new Response.Found(from, finding);
    }

    private static Finding merged(Response ofB, Response ofC, Set<String> members) {
        return new MergedFindings(A, Map.of("b", ofB, "c", ofC), members).finding();
    }

    private static Finding merged(Response ofB, Response ofC) {
        return merged(ofB, ofC, ALL);
    }

    @Test
    void nothingIsNothingOnlyOfAll() {
        assertThat(merged(found(B, NOTHING), found(C, NOTHING))).isEqualTo(NOTHING);
        assertThat(merged(found(B, NOTHING), new Response.Absent())).isEqualTo(NOTHING);
        assertThat(merged(found(B, NOTHING), new Response.Silent())).isEqualTo(new Finding.Unsure());
        assertThat(merged(found(B, NOTHING), new Response.Silent(), Set.of("a", "b")))
                .as("the key may have moved to b after its response")
                .isEqualTo(new Finding.Unsure());
    }

    @Test
    void aClaimOfAnotherNodeCountsUnlessThatNodeHasNothing() {
        Response promised = found(B, new Finding.Promised(Set.of("c")));
        assertThat(merged(promised, found(C, NOTHING))).isEqualTo(NOTHING);
        assertThat(new MergedFindings(A, Map.of("b", promised), Set.of("a", "b")).finding())
                .isEqualTo(new Finding.Unsure());
    }

    @Test
    void theCopyOfThisNodeCounts() {
        KeyOwner reopened = new KeyOwner("c", 1);
        Finding own = new Finding.Running(C);
        assertThat(new MergedFindings(A, Map.of("a", found(A, own), "c", found(reopened, NOTHING)), ALL).finding())
                .isEqualTo(new Finding.Unknown());
        assertThat(new MergedFindings(A, Map.of("a", found(A, own), "c", found(C, NOTHING)), ALL).finding())
                .isEqualTo(NOTHING);
    }

    @Test
    void anAnswerDecidesWhateverTheOthersHave() {
        for (Response other : new Response[] {
            found(C, NOTHING), found(C, new Finding.Running(C)), new Response.Silent(), found(C, new Finding.Unknown())
        }) {
            assertThat(merged(found(B, ANSWERED), other)).isEqualTo(ANSWERED);
        }
        assertThat(merged(found(B, ANSWERED), found(C, new Finding.Reused()))).isEqualTo(new Finding.Reused());
    }

    @Test
    void theOwnerOfACopyHasTheLastWord() {
        Finding runsAtC = new Finding.Running(C);
        assertThat(merged(found(B, runsAtC), found(C, runsAtC))).isEqualTo(runsAtC);
        assertThat(merged(found(B, runsAtC), found(C, NOTHING))).isEqualTo(NOTHING);
        assertThat(merged(found(B, runsAtC), new Response.Silent())).isEqualTo(runsAtC);
        assertThat(merged(found(B, new Finding.Running(A)), found(C, NOTHING)))
                .as("this node has given it up")
                .isEqualTo(NOTHING);
    }

    @Test
    void aCopyWithoutItsOwnerIsUnknown() {
        Finding unknown = new Finding.Unknown();
        Finding runsAtC = new Finding.Running(C);
        assertThat(merged(found(B, runsAtC), new Response.Silent(), Set.of("a", "b")))
                .isEqualTo(unknown);
        assertThat(merged(found(B, runsAtC), new Response.Absent())).isEqualTo(unknown);
        assertThat(merged(found(B, runsAtC), found(new KeyOwner("c", 1), NOTHING)))
                .as("another endpoint of its node")
                .isEqualTo(unknown);
        assertThat(merged(found(B, new Finding.Running(new KeyOwner("a", 1))), found(C, NOTHING)))
                .as("an earlier endpoint of this node")
                .isEqualTo(unknown);
    }
}
