package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.examples.CheatSheet.Online;
import io.heliodor.examples.CheatSheet.Order;
import io.heliodor.examples.CheatSheet.Receipt;
import io.heliodor.examples.CheatSheet.Said;
import io.heliodor.examples.CheatSheet.Say;
import io.heliodor.examples.CheatSheet.SoldOut;
import io.heliodor.examples.CheatSheet.State;
import io.heliodor.examples.CheatSheet.Typing;
import io.heliodor.examples.CheatSheet.User;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class CheatSheetTests {
    private static final CheatSheet.Shop SHOP = new CheatSheet.Shop() {
        @Override
        public boolean isOpen(String room) {
            return !room.equals("closed");
        }

        @Override
        public State read(String room) {
            return new State(List.of(new Said("shop", "Welcome to " + room + ".")));
        }

        @Override
        public Receipt buy(Order order) throws SoldOut {
            if (order.pieces() > 9) {
                throw new SoldOut();
            }
            return new Receipt(7);
        }
    };

    private final Tokens<User> tokens = Tokens.of(User.class, "user socket")
            .secrets(Secret.of(Secret.fresh()))
            .build();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Presence<Online> presence = Presence.over(pubsub, Online.class);

    @AutoClose
    private final ChannelKit kit = ChannelKit.builder(CheatSheet.socket(tokens, CheatSheet.room(SHOP, presence)))
            .pubsub(pubsub)
            .presence(presence)
            .start();

    private TestChannel join(String id, String name) {
        return kit.request()
                .authToken(tokens.sign(new User(id, name)))
                .connect()
                .join("room:42");
    }

    @Test
    void membersSeeMessagesTypingAndEachOther() {
        TestChannel ann = join("7", "Ann");
        TestChannel bo = join("8", "Bo");
        assertThat(ann.reply(State.class)).isEqualTo(SHOP.read("42"));
        ann.push(CheatSheet.SAY, new Say("hi"));
        assertThat(bo.expect(CheatSheet.SAID)).isEqualTo(new Said("Ann", "hi"));
        bo.push(CheatSheet.TYPING, new Typing("Bo"));
        assertThat(ann.expect(CheatSheet.TYPING)).isEqualTo(new Typing("Bo"));
        assertThat(ann.presence(Online.class)).containsOnlyKeys("7", "8");
    }

    // @start region=test
    @Test
    void callsAreRepliedOrRefused() {
        TestChannel ann = join("7", "Ann");
        assertThat(ann.call(CheatSheet.BUY, new Order("tea", 2))).isEqualTo(new Receipt(7));
        assertThat(ann.callRefused(CheatSheet.BUY, new Order("tea", 10)).reason())
                .isEqualTo("sold_out");
        assertThat(ann.client().joinRefused("room:closed").reason()).isEqualTo("closed");
        assertThat(kit.request().authToken("forged").refused().status()).isEqualTo(401);
    }
    // @end

    @Test
    void theApplicationReachesMembersAndUsers() throws InterruptedException {
        TestChannel ann = join("7", "Ann");
        BlockingQueue<Receipt> sales = new LinkedBlockingQueue<>();
        CheatSheet.outside(pubsub, sales::add);
        assertThat(ann.expect(CheatSheet.SAID).text()).isEqualTo("We close at six.");
        assertThat(ann.client().expect(CheatSheet.SAID).text()).isEqualTo("Your order was shipped.");
        assertThat(ann.client().expectClose()).isEqualTo(1001);
        assertThat(sales.take()).isEqualTo(new Receipt(1));
    }
}
