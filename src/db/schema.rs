//! Tables as the migrations make them; a test compares this file with a migrated database.

diesel::table! {
    actions (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        agency_id -> Nullable<Uuid>,
        run_id -> Uuid,
        step -> Int4,
        channel -> Text,
        template -> Text,
        tone -> Text,
        status -> Text,
        rule -> Nullable<Text>,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    agency_credentials (id) {
        id -> Uuid,
        agency_id -> Uuid,
        kind -> Text,
        country -> Text,
        issuer -> Text,
        reference -> Text,
        valid_from -> Date,
        valid_until -> Date,
        status -> Text,
        decision_note -> Nullable<Text>,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    allocations (payment_id, receivable_id, part) {
        payment_id -> Uuid,
        receivable_id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        part -> Text,
        amount_minor -> Int8,
        received_on -> Date,
    }
}

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        name -> Text,
        secret_hash -> Binary,
        hint -> Text,
        scopes -> Array<Text>,
        created_by -> Uuid,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    cases (id) {
        id -> Uuid,
        reference -> Text,
        creditor_id -> Uuid,
        debtor_id -> Uuid,
        agency_id -> Nullable<Uuid>,
        listing_id -> Nullable<Uuid>,
        phase -> Text,
        closed_from -> Nullable<Text>,
        outcome -> Nullable<Text>,
        currency -> Text,
        principal_minor -> Int8,
        recovered_minor -> Int8,
        with_interest -> Bool,
        oldest_due_on -> Date,
        contact_epoch -> Int4,
        next_action_at -> Nullable<Timestamptz>,
        event_count -> Int4,
        last_event_hash -> Binary,
        version -> Int4,
        phase_since -> Timestamptz,
        posted_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    clock_offset (one) {
        one -> Bool,
        offset_seconds -> Int8,
    }
}

diesel::table! {
    debtors (id) {
        id -> Uuid,
        creditor_id -> Uuid,
        kind -> Text,
        legal_name -> Text,
        identity_key -> Text,
        tax_number -> Nullable<Text>,
        sector -> Nullable<Text>,
        country -> Text,
        language -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        street -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        city -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Uuid,
        action_id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        channel -> Text,
        address -> Text,
        subject -> Text,
        body -> Text,
        document_id -> Nullable<Uuid>,
        contact_epoch -> Int4,
        status -> Text,
        message_id -> Text,
        error -> Nullable<Text>,
        queued_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    disputes (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        hold_id -> Uuid,
        reason -> Text,
        statement -> Text,
        status -> Text,
        reduction_minor -> Int8,
        resolution -> Nullable<Text>,
        opened_at -> Timestamptz,
        resolved_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    documents (id) {
        id -> Uuid,
        creditor_id -> Uuid,
        case_id -> Nullable<Uuid>,
        kind -> Text,
        media_type -> Text,
        file_name -> Text,
        content -> Binary,
        sha256 -> Binary,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    engagements (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        agency_id -> Uuid,
        mandate_id -> Uuid,
        fee_bp -> Int4,
        tone -> Text,
        started_at -> Timestamptz,
        first_contact_due_at -> Timestamptz,
        update_every_days -> Int4,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
        end_note -> Nullable<Text>,
    }
}

diesel::table! {
    events (case_id, seq) {
        case_id -> Uuid,
        seq -> Int4,
        creditor_id -> Uuid,
        agency_id -> Nullable<Uuid>,
        kind -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Uuid>,
        at -> Timestamptz,
        data -> Jsonb,
        hash -> Binary,
    }
}

diesel::table! {
    fees (id) {
        id -> Uuid,
        payment_id -> Uuid,
        case_id -> Uuid,
        kind -> Text,
        supplier_id -> Uuid,
        customer_id -> Uuid,
        currency -> Text,
        base_minor -> Int8,
        rate_bp -> Int4,
        net_minor -> Int8,
        vat_bp -> Int4,
        vat_minor -> Int8,
        vat_ground -> Text,
        charged_on -> Date,
    }
}

diesel::table! {
    holds (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        kind -> Text,
        reason -> Text,
        starts_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
        released_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    idempotency_keys (owner_id, key) {
        owner_id -> Uuid,
        key -> Text,
        request_hash -> Binary,
        status -> Int2,
        body -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    intakes (id) {
        id -> Uuid,
        creditor_id -> Uuid,
        format -> Text,
        file_name -> Nullable<Text>,
        content_sha256 -> Binary,
        accepted -> Int4,
        known -> Int4,
        refused -> Int4,
        rows -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        run_at -> Timestamptz,
        attempts -> Int4,
        leased_until -> Nullable<Timestamptz>,
        lease -> Nullable<Uuid>,
        last_error -> Nullable<Text>,
        dead_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    ledger_accounts (id) {
        id -> Uuid,
        owner_id -> Uuid,
        kind -> Text,
        currency -> Text,
        balance_minor -> Int8,
        entry_count -> Int8,
    }
}

diesel::table! {
    ledger_entries (account_id, seq) {
        account_id -> Uuid,
        seq -> Int8,
        transaction_id -> Uuid,
        amount_minor -> Int8,
        currency -> Text,
        balance_after_minor -> Int8,
    }
}

diesel::table! {
    ledger_transactions (id) {
        id -> Uuid,
        business_key -> Text,
        kind -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    listing_owners (listing_id) {
        listing_id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
    }
}

diesel::table! {
    listings (id) {
        id -> Uuid,
        status -> Text,
        round -> Int4,
        country -> Text,
        sector -> Nullable<Text>,
        debtor_kind -> Text,
        currency -> Text,
        amount_band -> Text,
        age_band -> Text,
        invoice_count -> Int4,
        documents -> Array<Text>,
        disputed -> Bool,
        take_now_bp -> Int4,
        price -> Jsonb,
        work_summary -> Nullable<Jsonb>,
        award_rule -> Text,
        offer_count -> Int4,
        offers_until -> Timestamptz,
        opened_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mandate_signatures (mandate_id, party) {
        mandate_id -> Uuid,
        party -> Text,
        member_id -> Uuid,
        full_name -> Text,
        document_sha256 -> Binary,
        address -> Text,
        user_agent -> Text,
        signed_at -> Timestamptz,
    }
}

diesel::table! {
    mandates (id) {
        id -> Uuid,
        case_id -> Uuid,
        listing_id -> Uuid,
        offer_id -> Nullable<Uuid>,
        creditor_id -> Uuid,
        agency_id -> Uuid,
        fee_bp -> Int4,
        first_contact_hours -> Int4,
        update_every_days -> Int4,
        tone -> Text,
        language -> Text,
        document_id -> Uuid,
        document_sha256 -> Binary,
        status -> Text,
        sign_by -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    members (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        email -> Text,
        full_name -> Text,
        role -> Text,
        password_hash -> Text,
        language -> Text,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        kind -> Text,
        case_id -> Nullable<Uuid>,
        data -> Jsonb,
        dedupe_key -> Text,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    offers (id) {
        id -> Uuid,
        listing_id -> Uuid,
        agency_id -> Uuid,
        fee_bp -> Int4,
        first_contact_hours -> Int4,
        update_every_days -> Int4,
        tone -> Text,
        status -> Text,
        rank -> Nullable<Int4>,
        reason -> Nullable<Text>,
        ranking -> Nullable<Jsonb>,
        submitted_at -> Timestamptz,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    organisations (id) {
        id -> Uuid,
        kind -> Text,
        legal_name -> Text,
        country -> Text,
        company_number -> Nullable<Text>,
        enterprise_key -> Nullable<Text>,
        iban -> Nullable<Text>,
        language -> Text,
        email -> Text,
        phone -> Nullable<Text>,
        street -> Text,
        postal_code -> Text,
        city -> Text,
        suspended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    payments (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        agency_id -> Nullable<Uuid>,
        route -> Text,
        declared_by -> Text,
        amount_minor -> Int8,
        currency -> Text,
        received_on -> Date,
        bank_reference -> Text,
        hold_id -> Uuid,
        status -> Text,
        answer_by -> Timestamptz,
        answer_note -> Nullable<Text>,
        fee_bp -> Int4,
        version -> Int4,
        declared_at -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    payouts (id) {
        id -> Uuid,
        payment_id -> Uuid,
        case_id -> Uuid,
        payer_id -> Uuid,
        payee_id -> Uuid,
        currency -> Text,
        amount_minor -> Int8,
        due_on -> Date,
        status -> Text,
        bank_reference -> Nullable<Text>,
        paid_on -> Nullable<Date>,
        version -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    promises (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        hold_id -> Uuid,
        amount_minor -> Int8,
        promised_on -> Date,
        status -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    receivables (id) {
        id -> Uuid,
        creditor_id -> Uuid,
        debtor_id -> Uuid,
        case_id -> Nullable<Uuid>,
        issuer -> Text,
        number -> Text,
        issued_on -> Date,
        due_on -> Date,
        currency -> Text,
        principal_minor -> Int8,
        principal_paid_minor -> Int8,
        interest_paid_minor -> Int8,
        compensation_paid_minor -> Int8,
        purchase_order -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        family_id -> Uuid,
        member_id -> Uuid,
        issued_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    relationship_profiles (debtor_id) {
        debtor_id -> Uuid,
        creditor_id -> Uuid,
        tone_ceiling -> Text,
        channels -> Array<Text>,
        do_not_contact -> Bool,
        contact_from -> Time,
        contact_until -> Time,
        account_owner_id -> Nullable<Uuid>,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    strategies (id) {
        id -> Uuid,
        creditor_id -> Nullable<Uuid>,
        name -> Text,
        version -> Int4,
        steps -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    strategy_runs (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        strategy_id -> Uuid,
        anchored_on -> Date,
        next_step -> Int4,
        started_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tasks (id) {
        id -> Uuid,
        case_id -> Uuid,
        creditor_id -> Uuid,
        agency_id -> Nullable<Uuid>,
        action_id -> Nullable<Uuid>,
        kind -> Text,
        title -> Text,
        due_at -> Timestamptz,
        status -> Text,
        result -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(actions, agency_credentials, allocations, api_keys, cases, clock_offset, debtors, deliveries, disputes, documents, engagements, events, fees, holds, idempotency_keys, intakes, jobs, ledger_accounts, ledger_entries, ledger_transactions, listing_owners, listings, mandate_signatures, mandates, members, notifications, offers, organisations, payments, payouts, promises, receivables, refresh_tokens, relationship_profiles, strategies, strategy_runs, tasks);
