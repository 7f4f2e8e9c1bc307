package org.listserv.members;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/// A row of `address`.
@Entity(name = "AddressRow")
@Table(name = "address")
class AddressRow {
    @Id
    long id;

    String mailbox = "";
    String normal = "";
}
