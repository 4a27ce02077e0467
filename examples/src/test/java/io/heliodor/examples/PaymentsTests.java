package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.examples.Payments.Pay;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestClient;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PaymentsTests {
    @Test
    void aPaymentThatIsRepeatedAfterAReconnectIsMadeOnce() {
        AtomicInteger payments = new AtomicInteger();
        Payments.Bank bank = cents -> "receipt " + payments.incrementAndGet();
        try (ChannelKit kit = ChannelKit.start(UserSocket.connect(connect -> Connect.ok(Empty.EMPTY, "users:42"))
                .channel("bank", Payments.channel(bank))
                .build())) {
            TestClient client = kit.connect();
            var receipt = client.join("bank").call(Payments.PAY, new Pay("a random key", 500));
            client.drop();
            assertThat(kit.connect().join("bank").call(Payments.PAY, new Pay("a random key", 500)))
                    .isEqualTo(receipt);
            assertThat(payments).hasValue(1);
        }
    }
}
