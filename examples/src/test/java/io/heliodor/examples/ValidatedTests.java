package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import jakarta.validation.Valid;
import jakarta.validation.Validation;
import jakarta.validation.ValidatorFactory;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.junit.jupiter.api.Test;

/** The validator of the guide with an implementation of Bean Validation. */
class ValidatedTests {
    record Item(@NotBlank String name) {}

    record Order(@Size(max = 3) String title, @Valid List<Item> items, List<@NotBlank String> tags) {}

    private static final Call<Order, Empty, Reason> PLACE = Call.of("place", Order.class, Empty.class);

    @Test
    void aViolationIsARefusalOfItsField() {
        Channel<Object, ?> orders = Channel.join(join -> Join.ok(join.topic()))
                .answer(PLACE, (order, room) -> Reply.ok())
                .build();
        try (ValidatorFactory beans = Validation.byDefaultProvider()
                        .configure()
                        .messageInterpolator(new ParameterMessageInterpolator())
                        .buildValidatorFactory();
                ChannelKit kit = ChannelKit.start(Validated.socket(beans.getValidator(), orders))) {
            TestChannel room = kit.connect().join("orders:1");
            assertThat(room.call(PLACE, new Order("abc", List.of(new Item("a")), List.of("b"))))
                    .isEqualTo(Empty.EMPTY);
            isRefused(room, new Order("abcd", List.of(), List.of()), "title", "size must be between 0 and 3");
            isRefused(room, new Order("", List.of(new Item(" ")), List.of()), "items[0].name", "must not be blank");
            isRefused(room, new Order("", List.of(), List.of("")), "tags[0].<list element>", "must not be blank");
        }
    }

    private static void isRefused(TestChannel room, Order order, String field, String problem) {
        assertThat(room.callRefused(PLACE, order)).isEqualTo(new Refusal.InvalidPayload(field, problem));
    }
}
