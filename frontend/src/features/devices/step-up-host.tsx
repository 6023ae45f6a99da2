import { useEffect } from "react";
import { useStepUpQuestion } from "./step-up";
import { StepUpDialog } from "./step-up-dialog";

/** Where the questions of `stepUp` appear: once on every page behind the door. */
export function StepUpHost() {
  const question = useStepUpQuestion();
  useEffect(() => () => question?.answer(false), [question]);
  if (!question) return null;
  return (
    <StepUpDialog
      key={question.challenge.id}
      challenge={question.challenge}
      onDone={() => question.answer(true)}
      onCancel={() => question.answer(false)}
    />
  );
}
