package org.listserv.members;

import java.time.Instant;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/// A row of `subscription`.
@Entity(name = "SubscriptionRow")
@Table(name = "subscription")
class SubscriptionRow {
    @Id
    long id;

    @Column(name = "list_id")
    long listId;

    String kind = "";

    @Column(name = "address_id")
    long addressId;

    String name = "";
    String mode = "";
    String state = "";
    Instant since = Instant.EPOCH;
}
