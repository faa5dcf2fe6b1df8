//! What tasks are called, in the language of whoever is asked.

use super::records::TaskReason;
use crate::types::Language;

/// `about`: the debtor to call; else the case's reference, or what went wrong.
#[must_use]
pub fn task_title(language: Language, reason: TaskReason, about: &str) -> String {
    let words = match (reason, language) {
        (TaskReason::CallDue, Language::Spanish) => "Llamar a",
        (TaskReason::CallDue, Language::French) => "Appeler",
        (TaskReason::CallDue, Language::English) => "Call",
        (TaskReason::StepsTaken, Language::Spanish) => "Todos los pasos están dados: decidir cómo sigue el caso",
        (TaskReason::StepsTaken, Language::French) => "Toutes les étapes sont faites : décider de la suite du dossier",
        (TaskReason::StepsTaken, Language::English) => "All steps are taken: decide how the case goes on,",
        (TaskReason::DoNotContact, Language::Spanish) => "No se debe contactar a este cliente: decidir cómo sigue el caso",
        (TaskReason::DoNotContact, Language::French) => "Ce client ne doit pas être contacté : décider de la suite du dossier",
        (TaskReason::DoNotContact, Language::English) => "This customer must not be contacted: decide how the case goes on,",
        (TaskReason::NotDelivered, Language::Spanish) => "Un correo fue rechazado; comprobar la dirección:",
        (TaskReason::NotDelivered, Language::French) => "Un courriel a été refusé ; vérifier l’adresse :",
        (TaskReason::NotDelivered, Language::English) => "A mail was refused; check the address:",
        (TaskReason::DeliveryUnknown, Language::Spanish) => "No se sabe si un correo salió, y no se repite; comprobarlo:",
        (TaskReason::DeliveryUnknown, Language::French) => {
            "On ignore si un courriel est parti, et il n’est pas répété ; vérifier :"
        }
        (TaskReason::DeliveryUnknown, Language::English) => {
            "Nobody knows whether a mail left, and it is not repeated; look into it:"
        }
        (TaskReason::Answered, Language::Spanish) => "El cliente ha respondido: decidir cómo sigue el caso",
        (TaskReason::Answered, Language::French) => "Le client a répondu : décider de la suite du dossier",
        (TaskReason::Answered, Language::English) => "The customer has answered: decide how the case goes on,",
        (TaskReason::ApprovalNeeded, Language::Spanish) => "Aprobar el siguiente paso:",
        (TaskReason::ApprovalNeeded, Language::French) => "Approuver l’étape suivante :",
        (TaskReason::ApprovalNeeded, Language::English) => "Approve the next step:",
        (TaskReason::CreditorApproval, Language::Spanish) => "Aprobar lo que la agencia escribe en su nombre a",
        (TaskReason::CreditorApproval, Language::French) => "Approuver ce que l’agence écrit en votre nom à",
        (TaskReason::CreditorApproval, Language::English) => "Approve what the agency writes in your name to",
        // Whoever gave it has said it all.
        (TaskReason::ByHand, Language::Spanish | Language::French | Language::English) => return about.to_owned(),
        (TaskReason::OwnerFirst, Language::Spanish) => "Antes de que nadie escriba: ¿habla usted primero con",
        (TaskReason::OwnerFirst, Language::French) => "Avant que quiconque n’écrive : parlez-vous d’abord à",
        (TaskReason::OwnerFirst, Language::English) => "Before anybody writes: do you speak first with",
        (TaskReason::StepFailed, Language::Spanish) => "No se pudo preparar el siguiente paso:",
        (TaskReason::StepFailed, Language::French) => "L’étape suivante n’a pas pu être préparée :",
        (TaskReason::StepFailed, Language::English) => "The next step could not be prepared:",
    };
    format!("{words} {about}")
}
