package org.listserv.members;

import java.io.Serializable;
import java.time.Instant;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;

/// A row of `list_access`.
@Entity(name = "AccessRow")
@Table(name = "list_access")
@IdClass(AccessRow.Key.class)
class AccessRow {
    record Key(long listId, String kind, String pattern) implements Serializable {}

    @Id
    @Column(name = "list_id")
    long listId;

    @Id
    String kind = "";

    @Id
    String pattern = "";

    Instant since = Instant.EPOCH;
}
