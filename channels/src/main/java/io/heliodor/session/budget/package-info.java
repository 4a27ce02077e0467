/** Rates and memory budgets of clients, and limits of histories. */
package io.heliodor.session.budget;
