//! The closed list of everything that can be listened to. Names are the contract's in snake case.

/// What the events of a group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The life of the process.
    App,
    /// Saves and deletes of records, whoever causes them.
    Record,
    /// Changes of collections, whoever causes them.
    Collection,
    /// Requests about records.
    RecordRequest,
    /// Requests about signing in and accounts.
    AuthRequest,
    /// Requests about collections.
    CollectionRequest,
    /// Other requests.
    Request,
    /// Mail on its way out.
    Mail,
    /// Backups.
    Backup,
}

macro_rules! kinds {
    ($($variant:ident $name:literal $group:ident $members:literal,)*) => {
        /// A kind of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind { $($variant,)* }

        impl Kind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name scripts use, without `on_`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What kind of thing it is about.
            pub const fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }

            /// Names of the members an event has besides those all have, with blanks between.
            pub const fn members(self) -> &'static str {
                match self { $(Self::$variant => $members,)* }
            }
        }
    };
}

kinds! {
    Bootstrap "bootstrap" App "",
    Serve "serve" App "",
    Terminate "terminate" App "",
    SettingsReload "settings_reload" App "",
    RecordValidate "record_validate" Record "collection record",
    RecordCreate "record_create" Record "collection record",
    RecordCreateExecute "record_create_execute" Record "collection record",
    RecordAfterCreateSuccess "record_after_create_success" Record "collection record",
    RecordAfterCreateError "record_after_create_error" Record "collection record error",
    RecordUpdate "record_update" Record "collection record",
    RecordUpdateExecute "record_update_execute" Record "collection record",
    RecordAfterUpdateSuccess "record_after_update_success" Record "collection record",
    RecordAfterUpdateError "record_after_update_error" Record "collection record error",
    RecordDelete "record_delete" Record "collection record",
    RecordDeleteExecute "record_delete_execute" Record "collection record",
    RecordAfterDeleteSuccess "record_after_delete_success" Record "collection record",
    RecordAfterDeleteError "record_after_delete_error" Record "collection record error",
    RecordEnrich "record_enrich" Record "collection record request_info",
    CollectionValidate "collection_validate" Collection "collection",
    CollectionCreate "collection_create" Collection "collection",
    CollectionCreateExecute "collection_create_execute" Collection "collection",
    CollectionAfterCreateSuccess "collection_after_create_success" Collection "collection",
    CollectionAfterCreateError "collection_after_create_error" Collection "collection error",
    CollectionUpdate "collection_update" Collection "collection",
    CollectionUpdateExecute "collection_update_execute" Collection "collection",
    CollectionAfterUpdateSuccess "collection_after_update_success" Collection "collection",
    CollectionAfterUpdateError "collection_after_update_error" Collection "collection error",
    CollectionDelete "collection_delete" Collection "collection",
    CollectionDeleteExecute "collection_delete_execute" Collection "collection",
    CollectionAfterDeleteSuccess "collection_after_delete_success" Collection "collection",
    CollectionAfterDeleteError "collection_after_delete_error" Collection "collection error",
    RecordsListRequest "records_list_request" RecordRequest "collection records result",
    RecordViewRequest "record_view_request" RecordRequest "collection record",
    RecordCreateRequest "record_create_request" RecordRequest "collection record",
    RecordUpdateRequest "record_update_request" RecordRequest "collection record",
    RecordDeleteRequest "record_delete_request" RecordRequest "collection record",
    RecordAuthRequest "record_auth_request" AuthRequest "collection record token auth_method meta",
    RecordAuthRefreshRequest "record_auth_refresh_request" AuthRequest "collection record",
    RecordAuthWithPasswordRequest "record_auth_with_password_request" AuthRequest "collection record identity identity_field password",
    RecordAuthWithOAuth2Request "record_auth_with_oauth2_request" AuthRequest "collection record provider_name oauth2_user is_new_record create_data",
    RecordAuthWithOtpRequest "record_auth_with_otp_request" AuthRequest "collection record otp",
    RecordRequestOtpRequest "record_request_otp_request" AuthRequest "collection record password",
    RecordRequestPasswordResetRequest "record_request_password_reset_request" AuthRequest "collection record",
    RecordConfirmPasswordResetRequest "record_confirm_password_reset_request" AuthRequest "collection record",
    RecordRequestVerificationRequest "record_request_verification_request" AuthRequest "collection record",
    RecordConfirmVerificationRequest "record_confirm_verification_request" AuthRequest "collection record",
    RecordRequestEmailChangeRequest "record_request_email_change_request" AuthRequest "collection record new_email",
    RecordConfirmEmailChangeRequest "record_confirm_email_change_request" AuthRequest "collection record new_email",
    CollectionsListRequest "collections_list_request" CollectionRequest "collections result",
    CollectionViewRequest "collection_view_request" CollectionRequest "collection",
    CollectionCreateRequest "collection_create_request" CollectionRequest "collection",
    CollectionUpdateRequest "collection_update_request" CollectionRequest "collection",
    CollectionDeleteRequest "collection_delete_request" CollectionRequest "collection",
    CollectionsImportRequest "collections_import_request" CollectionRequest "collections delete_missing",
    BatchRequest "batch_request" Request "batch",
    FileDownloadRequest "file_download_request" Request "collection record file_field served_name",
    FileTokenRequest "file_token_request" Request "collection record token",
    SettingsListRequest "settings_list_request" Request "settings",
    SettingsUpdateRequest "settings_update_request" Request "old_settings new_settings",
    RealtimeConnectRequest "realtime_connect_request" Request "client",
    RealtimeSubscribeRequest "realtime_subscribe_request" Request "client subscriptions",
    RealtimeMessageSend "realtime_message_send" Request "client message",
    MailerSend "mailer_send" Mail "message",
    MailerRecordPasswordResetSend "mailer_record_password_reset_send" Mail "message record meta",
    MailerRecordVerificationSend "mailer_record_verification_send" Mail "message record meta",
    MailerRecordEmailChangeSend "mailer_record_email_change_send" Mail "message record meta",
    MailerRecordOtpSend "mailer_record_otp_send" Mail "message record meta",
    MailerRecordAuthAlertSend "mailer_record_auth_alert_send" Mail "message record meta",
    BackupCreate "backup_create" Backup "name exclude",
    BackupRestore "backup_restore" Backup "name exclude",
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindSet(u128);

impl KindSet {
    /// The set of the kinds given.
    pub const fn of(kinds: &[Kind]) -> Self {
        let mut set = Self(0);
        let mut index = 0;
        while index < kinds.len() {
            set.0 |= 1 << (kinds[index] as u8);
            index += 1;
        }
        set
    }

    /// Adds a kind.
    pub const fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << (kind as u8);
    }

    /// Says whether a kind is in the set.
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << (kind as u8)) != 0
    }

    /// Says whether the sets have a kind in common.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// How many kinds are in both sets.
    pub const fn n_common(self, other: Self) -> u32 {
        (self.0 & other.0).count_ones()
    }

    /// Says whether there is no kind in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Kinds of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Kind {
    /// Says whether handlers can be limited to collections.
    pub const fn has_tags(self) -> bool {
        matches!(
            self.group(),
            Group::Record | Group::Collection | Group::RecordRequest | Group::AuthRequest
        ) || matches!(
            self,
            Self::FileDownloadRequest
                | Self::FileTokenRequest
                | Self::CollectionViewRequest
                | Self::CollectionCreateRequest
                | Self::CollectionUpdateRequest
                | Self::CollectionDeleteRequest
        ) || matches!(self.group(), Group::Mail) && !matches!(self, Self::MailerSend)
    }

    /// Says whether it is about a request, so that a handler may answer it.
    pub const fn is_request(self) -> bool {
        matches!(
            self.group(),
            Group::RecordRequest | Group::AuthRequest | Group::CollectionRequest | Group::Request
        )
    }

    /// Says whether what it is about has happened, or happens whatever handlers say: nobody waits for their verdict.
    pub const fn is_aftermath(self) -> bool {
        matches!(self.group(), Group::App)
            || matches!(
                self,
                Self::RecordAfterCreateSuccess
                    | Self::RecordAfterCreateError
                    | Self::RecordAfterUpdateSuccess
                    | Self::RecordAfterUpdateError
                    | Self::RecordAfterDeleteSuccess
                    | Self::RecordAfterDeleteError
                    | Self::CollectionAfterCreateSuccess
                    | Self::CollectionAfterCreateError
                    | Self::CollectionAfterUpdateSuccess
                    | Self::CollectionAfterUpdateError
                    | Self::CollectionAfterDeleteSuccess
                    | Self::CollectionAfterDeleteError
            )
    }

    /// Says whether what it is about may change data, and so waits for everybody else who does.
    pub const fn changes_data(self) -> bool {
        matches!(self.group(), Group::AuthRequest | Group::Backup)
            || matches!(
                self,
                Self::RecordCreate
                    | Self::RecordCreateExecute
                    | Self::RecordUpdate
                    | Self::RecordUpdateExecute
                    | Self::RecordDelete
                    | Self::RecordDeleteExecute
                    | Self::CollectionCreate
                    | Self::CollectionCreateExecute
                    | Self::CollectionUpdate
                    | Self::CollectionUpdateExecute
                    | Self::CollectionDelete
                    | Self::CollectionDeleteExecute
                    | Self::RecordCreateRequest
                    | Self::RecordUpdateRequest
                    | Self::RecordDeleteRequest
                    | Self::CollectionCreateRequest
                    | Self::CollectionUpdateRequest
                    | Self::CollectionDeleteRequest
                    | Self::CollectionsImportRequest
                    | Self::BatchRequest
                    | Self::SettingsUpdateRequest
            )
    }

    /// The kind of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}
