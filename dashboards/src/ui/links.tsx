// Mantine's links and buttons as the router's: their addresses are checked by the compiler.
import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'

type Native<P> = P &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof P> & {
    ref?: Ref<HTMLAnchorElement>
  }

function PlainAnchor(props: Native<AnchorProps>) {
  return <Anchor {...props} />
}

function PlainButton(props: Native<ButtonProps>) {
  return <Button component="a" {...props} />
}

/** A link in a text or on its own. */
export const AnchorLink = createLink(PlainAnchor)

/** A link that looks like a button: for the main way on. */
export const ButtonLink = createLink(PlainButton)
