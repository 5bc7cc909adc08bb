//! The status codes of gRPC, as `google/rpc/code.proto` names and numbers them.

/// Declares the codes: our name, theirs, the number.
macro_rules! grpc_codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// A canonical status code of gRPC.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(i32)]
        pub enum GrpcCode { $($(#[$doc])* $variant = $number,)* }

        impl GrpcCode {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in `google.rpc.Code`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its number on the wire.
            pub const fn number(self) -> i32 {
                self as i32
            }
        }
    };
}

grpc_codes! {
    /// Done.
    Ok = 0, "OK";
    /// Given up by the caller.
    Cancelled = 1, "CANCELLED";
    /// Nothing more is known.
    Unknown = 2, "UNKNOWN";
    /// Wrong whatever the state of the system is.
    InvalidArgument = 3, "INVALID_ARGUMENT";
    /// Too late; it may have been done all the same.
    DeadlineExceeded = 4, "DEADLINE_EXCEEDED";
    /// There is no such thing, or the caller may not know of it.
    NotFound = 5, "NOT_FOUND";
    /// What was to be made is there already.
    AlreadyExists = 6, "ALREADY_EXISTS";
    /// Known, and not allowed.
    PermissionDenied = 7, "PERMISSION_DENIED";
    /// Something is used up: a quota, the disk.
    ResourceExhausted = 8, "RESOURCE_EXHAUSTED";
    /// Not in this state of the system: of no use again before somebody has changed it.
    FailedPrecondition = 9, "FAILED_PRECONDITION";
    /// Broken off by others who did something at once.
    Aborted = 10, "ABORTED";
    /// Past the end.
    OutOfRange = 11, "OUT_OF_RANGE";
    /// Nobody does this here.
    Unimplemented = 12, "UNIMPLEMENTED";
    /// Something is broken.
    Internal = 13, "INTERNAL";
    /// Not now; the same again in a while.
    Unavailable = 14, "UNAVAILABLE";
    /// Lost or damaged for good.
    DataLoss = 15, "DATA_LOSS";
    /// Who are you?
    Unauthenticated = 16, "UNAUTHENTICATED";
}

#[cfg(test)]
mod tests {
    use super::GrpcCode;

    /// The enum `google.rpc.Code`, in its order.
    const CODE_PROTO: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    #[test]
    fn every_code_has_its_name_and_number() {
        let ours = GrpcCode::ALL.iter().map(|code| (code.number(), code.name()));
        let theirs = (0..).zip(CODE_PROTO);
        assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<(i32, &str)>>());
    }
}
