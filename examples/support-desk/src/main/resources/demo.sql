INSERT INTO ticket (customer, name, subject, agent)
SELECT person, name, subject, agent
FROM (VALUES
    (1, 'cy', 'Cy', 'The invoice shows our old address', 'ann'),
    (2, 'dee', 'Dee', 'I cannot sign in on my phone', ''),
    (3, 'cy', 'Cy', 'How do I export all orders?', '')
) AS examples (number, person, name, subject, agent)
WHERE NOT EXISTS (SELECT 1 FROM ticket)
ORDER BY number;

INSERT INTO message (ticket, author, name, body, client_id)
SELECT ticket.id, author, examples.name, body, 'demo ' || number
FROM ticket JOIN (VALUES
    (1, 'The invoice shows our old address', 'cy', 'Cy', 'Hello, our invoice of November still has the address in Elm Street. We moved in October.'),
    (2, 'The invoice shows our old address', 'ann', 'Ann', 'Hi Cy, thank you for the note. I have changed the address and made a new invoice.'),
    (3, 'The invoice shows our old address', 'cy', 'Cy', 'That was quick! Where do I find it?'),
    (4, 'I cannot sign in on my phone', 'dee', 'Dee', 'The page asks for a code, but I never get one. On the laptop it works.'),
    (5, 'How do I export all orders?', 'cy', 'Cy', 'Our accountant needs all orders of the year as one file. Is there a button for it?')
) AS examples (number, subject, author, name, body) ON examples.subject = ticket.subject
WHERE NOT EXISTS (SELECT 1 FROM message)
ORDER BY number;
