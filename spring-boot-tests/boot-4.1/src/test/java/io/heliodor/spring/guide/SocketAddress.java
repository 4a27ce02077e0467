package io.heliodor.spring.guide;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

// @start region=address
@RestController
class SocketAddress {
    private final Environment settings;

    SocketAddress(Environment settings) {
        this.settings = settings;
    }

    /** A page that comes from the web server itself needs the other port. Behind a proxy both have one address. */
    @GetMapping("/socket-address")
    String address(HttpServletRequest page) {
        int web = settings.getRequiredProperty("local.server.port", Integer.class);
        String port = settings.getProperty("local.heliodor.port");
        return page.getServerPort() == web ? "ws://" + page.getServerName() + ":" + port + "/socket" : "/socket";
    }
}
// @end
