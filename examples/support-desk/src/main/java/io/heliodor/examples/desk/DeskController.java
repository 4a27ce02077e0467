package io.heliodor.examples.desk;

import io.heliodor.examples.desk.DeskMessages.*;
import jakarta.validation.Valid;
import jakarta.validation.constraints.*;
import org.springframework.core.env.Environment;
import org.springframework.http.*;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.*;

/** Requests of pages and other systems by HTTP. */
@RestController
@RequestMapping("/api")
record DeskController(Tickets tickets, Environment settings) {
    /** The user, and the socket for the page: a port of its own, or behind a proxy a path. */
    record Me(Person person, String socket) {}

    record Open(@NotBlank @Size(max = 200) String subject) {}

    record Assign(@NotBlank @Size(max = 100) String agent) {}

    @GetMapping("/me")
    Me me(@AuthenticationPrincipal Jwt jwt) {
        String port = ":" + settings.getProperty("local.heliodor.port") + "/socket";
        return new Me(Person.of(jwt), settings.getProperty("desk.socket", port));
    }

    @GetMapping("/tickets")
    OpenTickets open() {
        return tickets.open();
    }

    @PostMapping("/tickets")
    @ResponseStatus(HttpStatus.CREATED)
    Ticket open(@Valid @RequestBody Open open, @AuthenticationPrincipal Jwt jwt) {
        return tickets.open(Person.of(jwt), open.subject());
    }

    @PutMapping("/tickets/{id}/agent")
    ResponseEntity<Ticket> assign(
            @PathVariable long id, @Valid @RequestBody Assign assign, @AuthenticationPrincipal Jwt jwt) {
        return ResponseEntity.of(tickets.assign(id, assign.agent(), Person.of(jwt)));
    }
}
